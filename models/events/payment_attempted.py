"""A customer tried to pay."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Currency, Key, Minor, Text


class PaymentAttemptedData(Payload, frozen=True):
    """`reason` is the payment provider's word for a failure; it is not shown to the customer."""

    order_id: Key
    succeeded: bool
    amount_minor: Minor = 0
    currency: Currency = "EUR"
    provider: Key = "default"
    reason: Text = ""


class PaymentAttempted(Event, frozen=True, tag="payment.attempted.v1"):
    """One attempt, whatever its end."""

    topic: ClassVar[str] = "telemetry.v1"
    data: PaymentAttemptedData

    @classmethod
    def example(cls) -> Self:
        """A card was refused."""
        data = PaymentAttemptedData(order_id="A-17", succeeded=False, amount_minor=4990, reason="do_not_honor")
        return cls(id="pay-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 1, tzinfo=UTC), data=data)
