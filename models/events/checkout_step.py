"""A customer tried to take a step of the checkout, such as the address or the way to pay."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key, Text


class CheckoutStepData(Payload, frozen=True):
    """`accepted` tells whether it led on. `reason` is the page's own word for a refusal; it is not shown."""

    checkout_id: Key
    step: Key
    accepted: bool
    reason: Text = ""


class CheckoutStep(Event, frozen=True, tag="checkout.step.v1"):
    """One try at one step, whatever its end."""

    topic: ClassVar[str] = "telemetry.v1"
    data: CheckoutStepData

    @classmethod
    def example(cls) -> Self:
        """A postcode that the form did not take."""
        data = CheckoutStepData(checkout_id="K-3", step="shipping_address", accepted=False, reason="postcode_unknown")
        return cls(id="ck-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 1, tzinfo=UTC), data=data)
