"""A checkout is over: bought, or left."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class CheckoutEndedData(Payload, frozen=True):
    """`completed` when it ended in an order."""

    checkout_id: Key
    completed: bool


class CheckoutEnded(Event, frozen=True, tag="checkout.ended.v1"):
    """The customer bought at `time`, or closed the page, or the basket expired."""

    topic: ClassVar[str] = "telemetry.v1"
    data: CheckoutEndedData

    @classmethod
    def example(cls) -> Self:
        """Left without an order."""
        data = CheckoutEndedData(checkout_id="K-3", completed=False)
        return cls(id="ck-9", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 15, tzinfo=UTC), data=data)
