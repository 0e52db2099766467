"""What is known of an entity, as sums that fade: knowledge that comes back through the journal."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Finite, Key


class FadingSum(Payload, frozen=True):
    """Exponentially fading count and sum, both as of the event's `time`."""

    half_life_s: Finite
    weight: Finite
    total: Finite


class ContextUpdatedData(Payload, frozen=True):
    """`sums` by `measure/window`, such as `late/2h`; `measures` are the newest of `entity.measured`."""

    sums: Annotated[dict[Key, FadingSum], Meta(max_length=64)] = field(default_factory=dict)
    measures: Annotated[dict[Key, Finite], Meta(max_length=64)] = field(default_factory=dict)


class ContextUpdated(Event, frozen=True, tag="context.updated.v1"):
    """`subject` is the entity. Written by context to every journal partition."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: ContextUpdatedData

    @classmethod
    def example(cls) -> Self:
        """Half of the last hours' departures were late."""
        data = ContextUpdatedData(sums={"late/2h": FadingSum(half_life_s=5000.0, weight=20.0, total=10.0)})
        return cls(
            id="cx-1", source="context", subject="airport:EWR", time=datetime(2013, 2, 8, 15, tzinfo=UTC), data=data
        )
