"""A measurement of something many customers share: an airport's weather, a carrier's scan feed."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Finite, Key


class EntityMeasuredData(Payload, frozen=True):
    """`measures` by name, in the unit its name ends with: `{"wind_mph": 31.0}`."""

    measures: Annotated[dict[Key, Finite], Meta(max_length=32)]


class EntityMeasured(Event, frozen=True, tag="entity.measured.v1"):
    """`subject` is the entity, as `kind:name`."""

    topic: ClassVar[str] = "telemetry.v1"
    data: EntityMeasuredData

    @classmethod
    def example(cls) -> Self:
        """Weather at an airport."""
        data = EntityMeasuredData(measures={"wind_mph": 31.0, "visibility_mi": 0.25, "precipitation_in": 0.09})
        return cls(
            id="w-1", source="noaa", subject="airport:EWR", time=datetime(2013, 2, 8, 15, 0, tzinfo=UTC), data=data
        )
