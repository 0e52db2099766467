"""Parcels: what an order, and others that share its seller, lane and state, say of whether it will be late.

Chosen on orders bought before November 2017 (see docs/figures.md). Times in days; NaN where unknown.
"""

from math import log, nan

from detectors.entities import entity_id
from detectors.knowledge import Knowledge, shrunk
from detectors.learning.lesson import Boosted, Lesson
from detectors.orders.around import Around
from detectors.orders.course import Course
from detectors.orders.journey import Journey
from detectors.orders.terms import logistic
from detectors.readings import Observation

DAY_S = 86_400.0
LEAST_S = 5 * DAY_S
"""What is promised for the day after tomorrow is not told apart by the day: those looks would come too late for it."""

LOOKS_D = (10, 7, 5, 3, 2, 1)
MEASURES = ("items", "sellers", "freight", "weight_g", "volume_cm3")
"""What an order keeps of its numbers, in this order."""

SETTLED_D = (3, 2, 1)
"""At these looks the model is held to what came of them lately; earlier ones learn the truth too late for that."""

SURE_OF = 30.0
"""So many cases the model's own word is worth."""

LATE, TRANSIT, BEHIND, OPEN = "parcel_late", "transit_d", "handover_late_d", "open_7d"
_OWN = (
    "ahead_d", "promise_d", "age_d", "acted_d", "moving", "moving_after_d", "transit_d", "step_late_d", "step_room_d",
    "amount", "freight_share", *MEASURES, "placed_weekday", "promised_weekday", "placed_hour",
)  # fmt: skip
_KINDS = ("shop", "state", "lane", "seller")
_PER_KIND = (
    f"{LATE}/7d",
    f"{LATE}/30d",
    f"{TRANSIT}/7d",
    f"{TRANSIT}/30d",
    f"{OPEN}/7d",
    f"{OPEN}/30d",
    f"{BEHIND}/30d",
    "load",
)
_AROUND = tuple(f"{kind}.{name}" for kind in _KINDS for name in _PER_KIND)
NAMES = (*_OWN, *_AROUND, "lane.cases", "seller.cases", "beyond_lane_d")


_WINDOWS = tuple((f"{measure}/7d", f"{measure}/30d") for measure in (LATE, TRANSIT, OPEN))
_USUAL = (0.08, 9.0, 0.5)
"""The means of these where nothing is known."""
_TRANSIT_PLACE = 1
_LATE_MONTH, _BEHIND_MONTH = f"{LATE}/30d", f"{BEHIND}/30d"


def values(order: Journey, knowledge: Knowledge, now: float) -> tuple[float, ...]:
    """In the order of `NAMES`."""
    around = Around(order.entities, knowledge, now)
    own = _own(order, now)
    found: list[float] = []
    wider, behind = list(_USUAL), 0.0
    for kind in _KINDS:
        circle = around.circle(kind)
        for place, (week, month) in enumerate(_WINDOWS):
            slow = wider[place] = circle.mean(month, wider[place], 10.0)
            found += (circle.mean(week, slow, 10.0), slow)
        behind = circle.mean(_BEHIND_MONTH, behind, 10.0)
        bought_week, bought_month = circle.seen("bought/7d").cases, circle.seen("bought/30d").cases
        found += (behind, (bought_week + 1.0) / (bought_month + 4.0))
    lane, seller = around.seen("lane", _LATE_MONTH).cases, around.seen("seller", _LATE_MONTH).cases
    moving_for = own[6]
    return (*own, *found, lane, seller, moving_for - wider[_TRANSIT_PLACE])


def _own(order: Journey, now: float) -> tuple[float, ...]:
    moving = order.reached_at > 0.0
    due = order.reached_due if moving else order.next_due if order.steps else nan
    at = order.reached_at if moving else now
    measures = order.measures or [nan] * len(MEASURES)
    amount, freight = order.amount_minor / 100.0, measures[2]
    return (
        (order.promised - now) / DAY_S,
        (order.promised - order.placed) / DAY_S,
        (now - order.placed) / DAY_S,
        (order.acted - order.placed) / DAY_S if order.acted else nan,
        float(moving),
        (order.reached_at - order.placed) / DAY_S if moving else nan,
        (now - order.reached_at) / DAY_S if moving else nan,
        (at - due) / DAY_S,
        (order.promised - due) / DAY_S,
        amount,
        freight / (amount + freight) if amount + freight > 0 else nan,
        *measures,
        (order.placed // DAY_S + 3.0) % 7.0,
        (order.promised // DAY_S + 2.0) % 7.0,
        order.placed % DAY_S / 3600.0,
    )


def seen(order: Journey, what: str, now: float) -> list[Observation]:
    """What others learn of the order's entities."""
    if what == "placed":
        return _tell(order, ("bought", 1.0, ("shop", "state", "seller")))
    if what == "ended":
        return _tell(order, (LATE, 1.0, _KINDS), *_came(order, 1.0))
    if what == "promise-168h":
        return _tell(order, (OPEN, 1.0, _KINDS))
    if what == "delivered":
        told = [(TRANSIT, min(60.0, (now - order.reached_at) / DAY_S), _KINDS)] if order.reached_at else []
        if now <= order.promised:
            told.append((LATE, 0.0, _KINDS))
        if now <= order.promised - 7 * DAY_S:
            told.append((OPEN, 0.0, _KINDS))
        return _tell(order, *told, *_came(order, 0.0))
    if order.reached_at == now and order.reached_due:
        behind = max(-10.0, min(30.0, (now - order.reached_due) / DAY_S))
        return _tell(order, (BEHIND, behind, ("shop", "seller")))
    return []


def _came(order: Journey, late: float) -> list[tuple[str, float, tuple[str, ...]]]:
    return [
        (f"came_{days}d", late, ("shop",))
        for place, days in enumerate(LOOKS_D)
        if days in SETTLED_D and order.frozen & (1 << place)
    ]


def told(order: Journey, look: str, probability: float) -> list[Observation]:
    """What the model said at a look, to be held against what came of it."""
    days = next((days for days in SETTLED_D if look == f"promise-{24 * days}h"), None)
    return [] if days is None else _tell(order, (f"said_{days}d", probability, ("shop",)))


def settle(order: Journey, knowledge: Knowledge, now: float, probability: float) -> float:
    """Moved, in logits, as far as the shop's parcels at this look came late more often than was said of them."""
    look = next((days for days in reversed(SETTLED_D) if days * DAY_S >= order.promised - now), None)
    if look is None:
        return probability
    around = Around(order.entities, knowledge, now)
    said, came = around.seen("shop", f"said_{look}d/60d"), around.seen("shop", f"came_{look}d/60d")
    if not said.cases or not came.cases:
        return probability
    usual = (said.total + came.total) / (said.cases + came.cases)
    moved = _logit(shrunk(came.cases, came.total, usual, SURE_OF)) - _logit(
        shrunk(said.cases, said.total, usual, SURE_OF)
    )
    return logistic(_logit(probability) + moved)


def _logit(share: float) -> float:
    within = min(max(share, 1e-4), 1.0 - 1e-4)
    return log(within / (1.0 - within))


def _tell(order: Journey, *told: tuple[str, float, tuple[str, ...]]) -> list[Observation]:
    return [
        Observation(entity_id(kind, order.entities[kind]), measure, value)
        for measure, value, kinds in told
        for kind in kinds
        if kind in order.entities
    ]


PARCEL = Course(
    lesson=Lesson(
        model="late_delivery/parcel",
        names=NAMES,
        online=None,  # one straight line for all looks is too stiff: docs/figures.md
        boosted=Boosted(),
        censored=False,  # no letter of ours makes a parcel late, or brings it in time
    ),
    carries="seller",
    values=values,
    freezes=tuple(f"promise-{24 * days}h" for days in LOOKS_D),
    late_after_s=0.0,
    least_s=LEAST_S,
    looks_s=tuple(days * DAY_S for days in LOOKS_D),
    measures=MEASURES,
    seen=seen,
    settle=settle,
    told=told,
)
