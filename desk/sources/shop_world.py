"""The simulated shop's surroundings: sellers, carriers and what goes wrong at them for a while."""

from datetime import datetime, timedelta

import msgspec
import numpy as np

SELLERS = tuple(f"seller-{letter}" for letter in "abcdefgh")
CARRIERS = ("northwind", "swiftline", "oakpost")
REGIONS = ("north", "south", "east", "west", "isles")
PROVIDERS = ("cardwell", "paynest")
ZONES = ("Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Los_Angeles", "Asia/Kolkata")
LOCALES = {"Europe/Berlin": "de-DE", "Europe/Lisbon": "pt-PT", "Asia/Kolkata": "en-IN"}

CALM_SHARE = 0.15
"""The first part of the run without disruptions: figures of what is normal need some of it."""


class Disruption(msgspec.Struct, frozen=True):
    """One seller or carrier takes `delay` longer (on average) with everything it gets in [since, until)."""

    entity: str
    since: datetime
    until: datetime
    delay: timedelta


def disruptions(rng: np.random.Generator, start: datetime, duration: timedelta) -> list[Disruption]:
    """About one every two days, each 8 to 36 hours long, alternately at a carrier and at a seller."""
    count = max(2, round(duration / timedelta(days=2)))
    found = []
    for number in range(count):
        names = CARRIERS if number % 2 == 0 else SELLERS
        since = start + duration * (CALM_SHARE + (1 - CALM_SHARE) * float(rng.random()))
        until = since + timedelta(hours=float(rng.uniform(8, 36)))
        delay = timedelta(hours=float(rng.uniform(36, 60)))
        found.append(Disruption(str(rng.choice(names)), since, until, delay))
    return sorted(found, key=lambda disruption: (disruption.since, disruption.entity))


def delay_at(entity: str, moment: datetime, known: list[Disruption] | None, rng: np.random.Generator) -> timedelta:
    """How much longer `entity` takes with what it gets at `moment`: usually nothing, 1 in 150 times half a day.

    Never anything when `known` is None.
    """
    if known is None:
        return timedelta(0)
    for disruption in known:
        if disruption.entity == entity and disruption.since <= moment < disruption.until:
            return disruption.delay * float(rng.uniform(0.7, 1.4))
    return timedelta(hours=12) if rng.random() < 1 / 150 else timedelta(0)
