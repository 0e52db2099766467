"""A refund reached the customer, or left the house for good: its promise is closed."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class RefundPaidData(Payload, frozen=True):
    """Which refund was paid."""

    refund_id: Key


class RefundPaid(Event, frozen=True, tag="refund.paid.v1"):
    """The money was paid out at `time`; later than promised is still paid."""

    topic: ClassVar[str] = "orders.v1"
    data: RefundPaidData

    @classmethod
    def example(cls) -> Self:
        """The money for a returned order."""
        data = RefundPaidData(refund_id="R-5")
        return cls(id="r-5-d", source="shop", subject="c-1", time=datetime(2013, 2, 8, 16, tzinfo=UTC), data=data)
