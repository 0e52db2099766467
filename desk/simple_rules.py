"""The simple rule that a person would write in an afternoon, per kind of trouble: what a detector has to beat."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from models.events.base import Event
from models.events.order_placed import OrderPlaced
from models.events.order_step import OrderStep
from models.events.payment_attempted import PaymentAttempted
from models.events.promise_changed import PromiseChanged

Asked = Mapping[str, datetime]
"""Object -> the instant it is asked about; only what happened until then counts."""


class Rule(msgspec.Struct, frozen=True):
    """`says` gives every object a number that is higher the worse it looks."""

    name: str
    says: Callable[[Iterable[Event], Asked], dict[str, float]]


def hours_overdue(events: Iterable[Event], asked: Asked) -> dict[str, float]:
    """How long the next planned step of an order has been overdue, in hours; 0 when none is."""
    planned: dict[str, dict[str, datetime]] = defaultdict(dict)
    for event in events:
        if not isinstance(event, OrderPlaced | OrderStep | PromiseChanged):
            continue
        order = event.data.order_id
        if order not in asked or event.time > asked[order]:
            continue
        if isinstance(event, OrderStep):
            planned[order].pop(event.data.step, None)
        elif event.data.steps:
            planned[order] = {step.name: step.due for step in event.data.steps}
    return {
        order: max(((at - due).total_seconds() / 3600 for due in planned[order].values() if due < at), default=0.0)
        for order, at in asked.items()
    }


def refusals(events: Iterable[Event], asked: Asked) -> dict[str, float]:
    """How many payments of an order were refused and none accepted since."""
    counts = dict.fromkeys(asked, 0.0)
    for event in events:
        if isinstance(event, PaymentAttempted) and event.data.order_id in counts:
            order = event.data.order_id
            if event.time <= asked[order]:
                counts[order] = 0.0 if event.data.succeeded else counts[order] + 1.0
    return counts


RULES: Final[Mapping[str, Rule]] = {
    "late_delivery": Rule("hours that the next planned step is overdue", hours_overdue),
    "payment_retry_loop": Rule("refused payments since the last that was accepted", refusals),
}
