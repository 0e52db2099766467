"""What one flight tells of what it shares with others, as soon as it is known."""

from detectors.entities import entity_id
from detectors.orders.journey import NOTED_ENDED, NOTED_SLOW, Journey
from detectors.readings import Observation

QUEUED = 64
"""A bit of what an order has noted: it was told of as waiting, and is to be taken off again."""

EARLIEST_MIN, LATEST_MIN = -60.0, 300.0
GRACE_MIN = 15.0

WIDE = ("region", "airport", "carrier", "airport_carrier", "destination")
SLOW = ("region", "airport_carrier")
CANCELLED = (*SLOW, "destination")
"""Those that `late_delivery` does not tell by itself."""
JUDGED = (*WIDE, "airport_hour", "flight")


def seen(order: Journey, what: str, now: float) -> list[Observation]:
    """What others learn at `missed` (a step is overdue), `departed`, `delivered`, `ended` and `cancelled`."""
    if what == "missed":
        return _missed(order)
    if what == "departed":
        return _departed(order, now)
    if what == "delivered":
        told = _tell(order, "arrived_late_min", _bounded((now - order.promised) / 60.0), WIDE)
        return told if order.noted & NOTED_ENDED else told + _tell(order, "trouble", 0.0, JUDGED)
    if what == "ended":
        return _tell(order, "trouble", 1.0, JUDGED)
    if what == "cancelled":
        told = _tell(order, "cancelled", 1.0, CANCELLED) + _off(order)
        return told if order.noted & NOTED_ENDED else told + _tell(order, "trouble", 1.0, JUDGED)
    return []


def _missed(order: Journey) -> list[Observation]:
    """It should have left a quarter of an hour ago, and has not."""
    if order.noted & QUEUED or not order.noted & NOTED_SLOW or not order.steps:
        return []
    order.noted |= QUEUED
    return _tell(order, "slow", 1.0, SLOW) + _tell(order, "waiting", 1.0, WIDE)


def _departed(order: Journey, now: float) -> list[Observation]:
    late_min = _bounded((now - order.reached_due) / 60.0)
    told = _tell(order, "left_late_min", late_min, WIDE)
    if not order.noted & NOTED_SLOW:
        told += _tell(order, "slow", float(late_min >= GRACE_MIN), SLOW)
    return told + _off(order)


def _off(order: Journey) -> list[Observation]:
    if not order.noted & QUEUED:
        return []
    order.noted &= ~QUEUED
    return _tell(order, "waiting", -1.0, WIDE)


def _tell(order: Journey, measure: str, value: float, kinds: tuple[str, ...]) -> list[Observation]:
    entities = order.entities
    return [Observation(entity_id(kind, entities[kind]), measure, value) for kind in kinds if kind in entities]


def _bounded(minutes: float) -> float:
    return max(EARLIEST_MIN, min(LATEST_MIN, minutes))
