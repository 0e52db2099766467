"""The seller gave the customer another time; the former promise no longer counts."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.events.order_placed import PlannedStep
from models.fields import Instant, Key


class PromiseChangedData(Payload, frozen=True):
    """`steps` replaces the planned steps; empty keeps those not yet reached."""

    order_id: Key
    promised_by: Instant
    steps: Annotated[list[PlannedStep], Meta(max_length=20)] = field(default_factory=list)


class PromiseChanged(Event, frozen=True, tag="order.promise_changed.v1"):
    """The customer was told the new time at `time`."""

    topic: ClassVar[str] = "orders.v1"
    data: PromiseChangedData

    @classmethod
    def example(cls) -> Self:
        """Two days later than first said."""
        data = PromiseChangedData(order_id="A-17", promised_by=datetime(2013, 2, 10, 18, 0, tzinfo=UTC))
        return cls(id="p-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 0, tzinfo=UTC), data=data)
