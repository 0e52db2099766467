"""A pointer to knowledge learned across customers; its body lies in `models.v1` under the digest."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class ModelUpdatedData(Payload, frozen=True):
    """`digest` is the SHA-256 of the body, in hex."""

    digest: Annotated[str, Meta(min_length=64, max_length=64)]
    layout: Key


class ModelUpdated(Event, frozen=True, tag="model.updated.v1"):
    """`subject` is the model's name. In force from its place in the journal on."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: ModelUpdatedData

    @classmethod
    def example(cls) -> Self:
        """A new set of coefficients."""
        data = ModelUpdatedData(digest="0" * 64, layout="coefficients.v1")
        return cls(id="m-1", source="learn", subject="late_delivery", time=datetime(2013, 2, 8, tzinfo=UTC), data=data)
