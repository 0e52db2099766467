"""A customer ordered something, and was promised a time."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Currency, Finite, Instant, Key, Minor


class PlannedStep(Payload, frozen=True):
    """A step on the way to the promise and when it is due.

    `by` is the kind of entity that answers for it, such as `seller`: only that one is counted as late with it. Left
    empty, all of the order's entities are.
    """

    name: Key
    due: Instant
    by: Annotated[str, Meta(max_length=128)] = ""


class OrderPlacedData(Payload, frozen=True):
    """`entities` names what the order shares with others: `{"airport": "EWR", "carrier": "UA"}`.

    `measures` are numbers about the order itself, such as `items`, `sellers`, `freight`, `weight_g`: what a shop knows
    when the order is placed.
    `items` are the things ordered, by the shop's own article numbers.
    """

    order_id: Key
    promised_by: Instant
    steps: Annotated[list[PlannedStep], Meta(max_length=20)] = field(default_factory=list)
    entities: Annotated[dict[Key, Key], Meta(max_length=12)] = field(default_factory=dict)
    measures: Annotated[dict[Key, Finite], Meta(max_length=16)] = field(default_factory=dict)
    amount_minor: Minor = 0
    currency: Currency = "EUR"
    items: Annotated[list[Key], Meta(max_length=50)] = field(default_factory=list)


class OrderPlaced(Event, frozen=True, tag="order.placed.v1"):
    """The promise stands from `time` on; `promised_by` is the last moment that keeps it."""

    topic: ClassVar[str] = "orders.v1"
    data: OrderPlacedData

    @classmethod
    def example(cls) -> Self:
        """A flight as an order: departure is a step, arrival is the promise."""
        departs, arrives = datetime(2013, 2, 8, 15, 0, tzinfo=UTC), datetime(2013, 2, 8, 18, 5, tzinfo=UTC)
        data = OrderPlacedData(
            order_id="UA1545-EWR-20130208",
            promised_by=arrives,
            entities={"airport": "EWR", "carrier": "UA"},
            steps=[PlannedStep(name="departed", due=departs)],
            amount_minor=12900,
            currency="USD",
        )
        return cls(id="o-1", source="shop", subject="c-1", time=datetime(2013, 2, 7, tzinfo=UTC), data=data)
