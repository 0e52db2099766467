"""An order arrived: its promise is closed."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class OrderDeliveredData(Payload, frozen=True):
    """Which order arrived."""

    order_id: Key


class OrderDelivered(Event, frozen=True, tag="order.delivered.v1"):
    """It arrived at `time`; later than promised is still delivered."""

    topic: ClassVar[str] = "orders.v1"
    data: OrderDeliveredData

    @classmethod
    def example(cls) -> Self:
        """An arrival."""
        data = OrderDeliveredData(order_id="A-17")
        return cls(id="d-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 18, 20, tzinfo=UTC), data=data)
