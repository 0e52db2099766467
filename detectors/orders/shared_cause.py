"""What an order has to do with causes: what it adds to finding them, and what an open one means for it."""

from math import log

from detectors.knowledge import Knowledge, OpenCause
from detectors.orders.journey import Journey
from detectors.readings import Case, Reading

HOURS, DAYS = "orders_hours", "orders_days"
DAYS_FROM_S = 2 * 86_400.0
"""Orders with so long a way are followed by `detectors.causes.order_cases`; of the others the last readings count."""

LOOKS = frozenset({"1h", "30min"})
MISSED = "waiting"
"""The looks at which an order is a case, beside the steps that it takes; as `Schedule.look` names them."""
BAD_FROM = 0.35
"""From this probability on a customer is counted among those of a cause."""

NOTED_CASE = 16
"""Beside those of `detectors.orders.journey`."""
MOST_LIFT = 10.0
SAID_LIFT = 3.0
SAID_FOR = 2 / 9
"""A customer is told of a cause only while it makes so much of a difference, and after its newest word for such a part
of the time it may stand: a sentence about now must be true now (`bench/cause_sentences.py`)."""

_WORDS = {
    "airport": "Many departures from {name} are affected",
    "carrier": "Many orders carried by {name} are affected",
    "airport_carrier": "Many departures of one carrier from one airport are affected",
    "state": "Many deliveries to {name} are affected",
    "lane": "Many deliveries on the same way are affected",
    "seller": "Many orders from the same seller are affected",
    "": "Many of our deliveries are affected",
}
_OTHERWISE = "Many orders that share something with yours are affected"


def cause_of(order: Journey, knowledge: Knowledge, now: float) -> OpenCause | None:
    """The open cause that makes most of a difference to the order."""
    return knowledge.cause(DAYS if _takes_days(order) else HOURS, order.entities, now)


def raised_by(cause: OpenCause | None) -> float:
    """Log odds ratio of the cause, bounded; 0 without any."""
    return 0.0 if cause is None else log(min(cause.lift, MOST_LIFT))


def cases(order: Journey, reading: Reading, probability: float, now: float) -> list[Case]:
    """What a reading at a step says of the order's entities: how likely it is to go badly, now that it was seen.

    The step was taken just now, or is found missing; of an order without steps, the last readings before its promise
    count. `probability` is what was thought without knowing of any cause: else a cause would feed on itself.
    """
    taken = order.begun and order.reached_at == now
    without_steps = reading.look in LOOKS and not order.begun and not order.steps
    if not (taken or reading.look == MISSED or without_steps) or _takes_days(order) or not order.entities:
        return []
    first = probability >= BAD_FROM and not order.noted & NOTED_CASE
    if first:
        order.noted |= NOTED_CASE
    return [Case(HOURS, "soon" if without_steps else "due", probability, order.entities, first)]


def facts(order: Journey, knowledge: Knowledge, now: float) -> dict[str, str]:
    """`cause_id`: the same for all who share it; `cause`: one sentence for the customer, while it is surely so."""
    cause = cause_of(order, knowledge, now)
    if cause is None:
        return {}
    found = {"cause_id": cause.cause_id}
    if cause.lift >= SAID_LIFT and now - cause.at <= SAID_FOR * (cause.data.stands_until.timestamp() - cause.at):
        kind, name = next(iter(cause.data.entities.items()), ("", ""))
        found["cause"] = _WORDS.get(kind, _OTHERWISE).format(name=name)
    return found


def _takes_days(order: Journey) -> bool:
    return order.promised - order.placed >= DAYS_FROM_S
