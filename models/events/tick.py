"""How far one partition of one source has been read: the time of absence detectors."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class TickData(Payload, frozen=True):
    """`time` of the event is the instant that this partition of the source is caught up to."""

    source_topic: Key
    source_partition: Annotated[int, Meta(ge=0, le=100_000)]
    source_partitions: Annotated[int, Meta(ge=1, le=100_000)]


class Tick(Event, frozen=True, tag="tick.v1"):
    """Written by ingest, in the transaction that wrote everything the tick vouches for."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: TickData

    @classmethod
    def example(cls) -> Self:
        """Partition 2 of the orders has been read up to three o'clock."""
        data = TickData(source_topic="orders.v1", source_partition=2, source_partitions=4)
        return cls(id="tick", source="ingest", subject="tick", time=datetime(2013, 2, 8, 15, 0, tzinfo=UTC), data=data)
