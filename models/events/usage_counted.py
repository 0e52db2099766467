"""How much a customer used of something, counted up over a while."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Count, Key


class UsageCountedData(Payload, frozen=True):
    """`amount` is in whole units of `metric`, the unit in its name (`calls`, `play_minutes`). Several a day add up."""

    metric: Key
    amount: Count


class UsageCounted(Event, frozen=True, tag="usage.counted.v1"):
    """Counted up to `time`, since the one before; it belongs to the day of `time` where the customer is."""

    topic: ClassVar[str] = "telemetry.v1"
    data: UsageCountedData

    @classmethod
    def example(cls) -> Self:
        """An evening of films."""
        data = UsageCountedData(metric="play_minutes", amount=94)
        return cls(id="us-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 23, tzinfo=UTC), data=data)
