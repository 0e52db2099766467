"""An order will not arrive."""

from datetime import UTC, datetime
from typing import ClassVar, Literal, Self

from models.events.base import Event, Payload
from models.fields import Key


class OrderCancelledData(Payload, frozen=True):
    """`by` tells whether the customer wanted it (no trouble) or had it happen to them."""

    order_id: Key
    by: Literal["customer", "seller"] = "seller"


class OrderCancelled(Event, frozen=True, tag="order.cancelled.v1"):
    """It became known at `time` that the order will not arrive."""

    topic: ClassVar[str] = "orders.v1"
    data: OrderCancelledData

    @classmethod
    def example(cls) -> Self:
        """A flight cancelled by the airline."""
        data = OrderCancelledData(order_id="UA1545-EWR-20130208")
        return cls(id="x-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 16, 0, tzinfo=UTC), data=data)
