"""Somebody wrote about us in public."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Key, Text


class MentionPostedData(Payload, frozen=True):
    """`entities` names what it is about: `{"airline": "United"}`. `text` is public, and still never logged."""

    via: Key
    text: Text = ""
    entities: Annotated[dict[Key, Key], Meta(max_length=12)] = field(default_factory=dict)


class MentionPosted(Event, frozen=True, tag="mention.posted.v1"):
    """`subject` is the customer where known, else a name for whoever wrote it."""

    topic: ClassVar[str] = "care.v1"
    data: MentionPostedData

    @classmethod
    def example(cls) -> Self:
        """A complaint about a wait."""
        data = MentionPostedData(via="twitter", text="an hour in line", entities={"airline": "United"})
        return cls(id="mn-1", source="twitter", subject="c-1", time=datetime(2013, 2, 8, 9, tzinfo=UTC), data=data)
