"""What the hour of the week is worth: false alarms and trouble found, with and without it, side by side.

Devices that are always on, off at night, or on in office hours only, and customers who use something daily, on
workdays or at weekends, each by their own wall clock, over both changes of clocks of spring 2025. A quarter of them
get into trouble: a device dies for two days in hours in which it should be on, use falls to a tenth for good. Three
detectors see the same events: one that knows no week, one that takes every wall clock for UTC, and one that knows the
zone.

    python -m bench.season      about a minute; writes bench/results/season.json
"""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from desk.sources.shop_world import ZONES
from detectors.catalogue import all_detectors
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.device_reported import DeviceReported, DeviceReportedData
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from models.events.tick import Tick, TickData
from models.events.usage_counted import UsageCounted, UsageCountedData

RESULT = Path(__file__).parent / "results" / "season.json"
START = datetime(2025, 2, 3, tzinfo=UTC)
CUSTOMERS, SEED = 24, 11
"""Of each kind."""
TROUBLED_SHARE = 0.25
DEVICE_DAYS, USE_DAYS = 70, 140
NO_WEEK: dict[str, dict[str, Any]] = {
    "silent_device": {"week_known_s": 400 * 86_400.0},
    "usage_drop": {"week_weight": 1e6},
}
KINDS = {
    "silent_device": ("always on", "off at night", "office hours"),
    "usage_drop": ("daily", "workdays", "weekends"),
}


class Life(msgspec.Struct, frozen=True):
    """One customer: events in time order, and from when to when they were in trouble, if they were."""

    name: str
    kind: str
    zone: str
    events: list[Event]
    trouble: tuple[datetime, datetime] | None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of customer under one variant. `false`: alarms about nothing, also per 100 weeks of a customer."""

    detector: str
    kind: str
    variant: str
    troubled: int
    found: int
    false: int
    false_per_100_weeks: float
    delay_median_h: float | None


def device(number: int, kind: str) -> Life:
    """Reports about every eight minutes while it is on."""
    rng, name, zone = _begin(number, kind)
    trouble: tuple[datetime, datetime] | None = None
    events: list[Event] = []
    if rng.random() < TROUBLED_SHARE:
        died = START + timedelta(days=float(rng.uniform(28, DEVICE_DAYS - 7)))
        while not _is_on(kind, died, zone) or not _is_on(kind, died + timedelta(hours=4), zone):
            died += timedelta(hours=1)
        trouble = died, died + timedelta(days=2)
    at = START
    while at < START + timedelta(days=DEVICE_DAYS):
        at += timedelta(minutes=float(rng.uniform(6, 10)))
        if _is_on(kind, at, zone) and (trouble is None or not trouble[0] <= at < trouble[1]):
            data = DeviceReportedData(device_id="d")
            events.append(DeviceReported(id=f"{name}-{len(events)}", source="t", subject=name, time=at, data=data))
    return Life(name, kind, zone, events, trouble)


def user(number: int, kind: str) -> Life:
    """Counted late in the evening of each day of use."""
    rng, name, zone = _begin(number, kind)
    drops = rng.random() < TROUBLED_SHARE
    since = START + timedelta(days=float(rng.uniform(80, 100)))
    events: list[Event] = []
    for day in range(USE_DAYS):
        wall = datetime(2025, 2, 3, 23, int(rng.integers(0, 50)), tzinfo=ZoneInfo(zone)) + timedelta(days=day)
        weekend, at = wall.weekday() >= 5, wall.astimezone(UTC)
        rate = {"daily": 8.0, "workdays": 0.0 if weekend else 11.0, "weekends": 28.0 if weekend else 0.0}[kind]
        amount = int(rng.poisson(rate * (0.1 if drops and at >= since else 1.0)))
        if amount:
            data = UsageCountedData(metric="plays", amount=amount)
            events.append(UsageCounted(id=f"{name}-{day}", source="t", subject=name, time=at, data=data))
    return Life(name, kind, zone, events, (since, START + timedelta(days=USE_DAYS + 1)) if drops else None)


def _begin(number: int, kind: str) -> tuple[np.random.Generator, str, str]:
    rng = np.random.default_rng([SEED, number, *kind.encode()])
    return rng, f"{kind}-{number}", str(rng.choice(ZONES))


def _is_on(kind: str, at: datetime, zone: str) -> bool:
    wall = at.astimezone(ZoneInfo(zone))
    if kind == "office hours":
        return wall.weekday() < 5 and 8 <= wall.hour < 18
    return kind == "always on" or 7 <= wall.hour < 23


def rows(detector: str, variant: str, lives: list[Life], days: int) -> Iterator[Row]:
    """One row per kind."""
    opened = _opened(detector, variant, lives, days)
    for kind in KINDS[detector]:
        ours = [life for life in lives if life.kind == kind]
        delays, false = [], 0
        for life in ours:
            right = [at for at in opened.get(life.name, []) if _is_in(life.trouble, at)]
            false += len(opened.get(life.name, [])) - len(right)
            if right and life.trouble is not None:
                delays.append((right[0] - life.trouble[0]).total_seconds() / 3600)
        yield Row(
            detector=detector,
            kind=kind,
            variant=variant,
            troubled=sum(life.trouble is not None for life in ours),
            found=len(delays),
            false=false,
            false_per_100_weeks=100 * false / (len(ours) * days / 7),
            delay_median_h=median(delays) if delays else None,
        )


def _is_in(trouble: tuple[datetime, datetime] | None, at: datetime) -> bool:
    return trouble is not None and trouble[0] <= at <= trouble[1]


def _opened(detector: str, variant: str, lives: list[Life], days: int) -> dict[str, list[datetime]]:
    params = NO_WEEK if variant == "no week" else {}
    pipeline = Pipeline([one for one in all_detectors(params) if one.name == detector], 0)
    found: dict[str, list[datetime]] = {}
    profiles = [_profile(life) for life in lives] if variant == "own zone" else []
    ticks = (_tick(number) for number in range(1, 96 * days))
    events = merge(profiles, *(life.events for life in lives), ticks, key=lambda event: event.time)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert not outputs.failures, outputs.failures[0]
    for issue in outputs.issues:
        if issue.change == "opened":
            found.setdefault(issue.customer_id, []).append(issue.at)
    return found


def _profile(life: Life) -> Event:
    data = ProfileChangedData(zone=life.zone)
    return ProfileChanged(id=f"{life.name}-p", source="t", subject=life.name, time=START, data=data)


def _tick(number: int) -> Event:
    data = TickData(source_topic="telemetry.v1", source_partition=0, source_partitions=1)
    return Tick(id="tick", source="ingest", subject="tick", time=START + timedelta(minutes=15 * number), data=data)


def measured(customers: int = CUSTOMERS) -> list[Row]:
    """All rows."""
    plans: list[tuple[str, Callable[[int, str], Life], int]] = [
        ("silent_device", device, DEVICE_DAYS),
        ("usage_drop", user, USE_DAYS),
    ]
    found: list[Row] = []
    for detector, live, days in plans:
        lives = [live(number, kind) for kind in KINDS[detector] for number in range(customers)]
        for variant in ("no week", "week in UTC", "own zone"):
            found += rows(detector, variant, lives, days)
    return found


def main() -> int:
    """Run, print, write."""
    started = time.perf_counter()
    found = measured()
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    print(f"{3 * CUSTOMERS} customers of each detector, {time.perf_counter() - started:.0f} s")
    print(f"{'':15}{'':14}{'':13}{'in trouble':>11}{'found':>7}{'after, h':>10}{'false':>7}{'per 100 weeks':>15}")
    for row in sorted(found, key=lambda row: (row.detector, row.kind)):
        delay = "-" if row.delay_median_h is None else f"{row.delay_median_h:.1f}"
        print(
            f"{row.detector:15}{row.kind:14}{row.variant:13}{row.troubled:>11}{row.found:>7}{delay:>10}{row.false:>7}"
            f"{row.false_per_100_weeks:>15.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
