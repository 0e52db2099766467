"""Something seen at one customer that says something about what many share (written by detect)."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Finite, Key


class EntityObservedData(Payload, frozen=True, omit_defaults=True):
    """`value` of `measure`, such as 1.0 for late, 0.0 for on time; `also` is what was seen of the entity with it."""

    measure: Key
    value: Finite
    also: Annotated[dict[Key, Finite], Meta(max_length=64)] = field(default_factory=dict)

    def values(self) -> dict[str, float]:
        """Everything that was seen, by measure."""
        return {self.measure: self.value, **self.also}


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
