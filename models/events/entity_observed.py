"""Something seen at one customer that says something about what many share (written by detect)."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Finite, Key


class EntityObservedData(Payload, frozen=True):
    """`value` of `measure`, such as 1.0 for late, 0.0 for on time."""

    measure: Key
    value: Finite


class EntityObserved(Event, frozen=True, tag="entity.observed.v1"):
    """`subject` is the entity, as `kind:name`; no customer is named."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "observations.v1"
    data: EntityObservedData

    @classmethod
    def example(cls) -> Self:
        """A departure from Newark that was late."""
        data = EntityObservedData(measure="late", value=1.0)
        return cls(
            id="ob-1", source="detect", subject="airport:EWR", time=datetime(2013, 2, 8, 15, tzinfo=UTC), data=data
        )
