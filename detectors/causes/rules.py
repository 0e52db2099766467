"""When many bad cases are a cause: one rule per family of cases, and which kinds of entities lie within which."""

from collections.abc import Mapping

import msgspec

from detectors.context.fading import half_life_s

ROOT = ""
"""The entity that all cases of a family share."""

DAY_S = 86_400.0

WITHIN: Mapping[str, tuple[str, ...]] = {
    "airport": (),
    "carrier": (),
    "airport_carrier": ("airport", "carrier"),
    "state": (ROOT,),
    "lane": ("state", ROOT),
    "seller": (ROOT,),
    "city": ("state", ROOT),
}
"""Kind -> kinds that its entities lie within: their trouble must not be explained by the rest of those.

Airports and carriers lie within nothing: a storm over three of them is three causes, each with its own customers.
Kinds that are not named lie within the root alone.
"""

PLACES = frozenset({"airport"})
"""Kinds that nothing beside them explains: carriers suffer from a closed airport, not it from them. Else the carrier
whose cases come first would be blamed, and hide the airport."""

NO_CAUSES = frozenset({"airport_hour", "shop", "category"})
"""Kinds that cannot be a cause: an hour of the day is a season, a shop is all there is (the root says so), and where a
category is late it is somebody who does not ship, or a way that takes long. As causes, shop and category explain those
away: of the eight waves of `bench/cause_orders.py` two fewer were found."""


class CauseRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One family. Cases of the last `window` are compared with the entity's own `past`.

    A cause opens on at least `floor` bad cases at a share of at least `rate`, at `ratio` times the odds expected, and
    so many that chance is no explanation: `evidence`, the log likelihood ratio of the binomial scan statistic
    (Kulldorff 1997, "A spatial scan statistic", Communications in Statistics 26). It closes below `closes`
    times these bars.
    `counts`: only bad cases are seen, and their number is compared with the past's at that hour.
    """

    family: str
    window: str
    past: str
    floor: float
    ratio: float
    evidence: float
    rate: float = 0.0
    few: float = 0.0
    """So many good cases are thought beside those seen, when the share is asked for: a few bad ones are no rate."""
    closes: float = 0.5
    counts: bool = False
    hourly: bool = True
    """The share expected is that of the hour of the day (UTC)."""
    strength: float = 20.0
    """So many cases the family's share is worth against an entity's own past."""
    warm_up_s: float = 7 * DAY_S

    def __post_init__(self) -> None:
        for window in (self.window, self.past):
            half_life_s(window)


SHIPPED = (
    CauseRule(
        family="orders_hours", window="3h", past="120d", floor=2.0, rate=0.2, few=4.0, ratio=1.0, evidence=1.0,
        closes=0.6, warm_up_s=2 * DAY_S,
    ),
    CauseRule(
        family="orders_days", window="4d", past="60d", floor=6.0, ratio=1.8, evidence=8.0, hourly=False,
        warm_up_s=60 * DAY_S,
    ),
    CauseRule(family="complaints", window="2h", past="30d", floor=8.0, ratio=2.5, evidence=8.0, counts=True),
    CauseRule(family="errors", window="1h", past="14d", floor=10.0, ratio=3.0, evidence=10.0, counts=True),
    CauseRule(family="payments", window="1h", past="14d", floor=8.0, rate=0.2, ratio=2.0, evidence=8.0),
)  # fmt: skip
