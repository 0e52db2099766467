"""Which mapping reads a topic from here on."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload


class MappingUpdatedData(Payload, frozen=True):
    """`digest` is the SHA-256 of what the file says, in hex."""

    version: Annotated[int, Meta(ge=1, le=2**53)]
    digest: Annotated[str, Meta(min_length=64, max_length=64)]
    source_topic: Annotated[str, Meta(min_length=1, max_length=249)]
    source_partition: Annotated[int, Meta(ge=0, le=100_000)]


class MappingUpdated(Event, frozen=True, tag="mapping.updated.v1"):
    """Events of that source partition behind its place in the journal were made by it. `subject` is its name."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: MappingUpdatedData

    @classmethod
    def example(cls) -> Self:
        """The second version of a shop's orders."""
        data = MappingUpdatedData(version=2, digest="0" * 64, source_topic="shopify.orders", source_partition=0)
        return cls(
            id="shopify-orders/2", source="ingest", subject="shopify-orders", time=datetime(2013, 2, 8, tzinfo=UTC),
            data=data,
        )  # fmt: skip
