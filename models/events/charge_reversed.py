"""A charge was taken back, in full."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class ChargeReversedData(Payload, frozen=True):
    """Which charge."""

    charge_id: Key


class ChargeReversed(Event, frozen=True, tag="charge.reversed.v1"):
    """It was taken back at `time`, whoever saw to it."""

    topic: ClassVar[str] = "orders.v1"
    data: ChargeReversedData

    @classmethod
    def example(cls) -> Self:
        """The second of two charges for one order."""
        data = ChargeReversedData(charge_id="ch-5")
        return cls(id="ch-5-r", source="shop", subject="c-1", time=datetime(2013, 2, 8, 12, tzinfo=UTC), data=data)
