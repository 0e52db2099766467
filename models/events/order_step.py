"""An order reached a step on its way."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class OrderStepData(Payload, frozen=True):
    """`step` is one of the names the order was placed with, or any other."""

    order_id: Key
    step: Key


class OrderStep(Event, frozen=True, tag="order.step.v1"):
    """The step was reached at `time`."""

    topic: ClassVar[str] = "orders.v1"
    data: OrderStepData

    @classmethod
    def example(cls) -> Self:
        """Handed to the carrier."""
        data = OrderStepData(order_id="A-17", step="handed_over")
        return cls(id="s-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 15, 4, tzinfo=UTC), data=data)
