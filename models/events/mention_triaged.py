"""An agent read a mention, and said what they take it for: that is how the words of unhappy customers are learned."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class MentionTriagedData(Payload, frozen=True):
    """`mention_id` is the id of the `mention.posted.v1` that was read."""

    mention_id: Key
    unhappy: bool


class MentionTriaged(Event, frozen=True, tag="mention.triaged.v1"):
    """Read at `time`. `subject` is that of the mention."""

    topic: ClassVar[str] = "care.v1"
    data: MentionTriagedData

    @classmethod
    def example(cls) -> Self:
        """A complaint about a wait, read half an hour later."""
        data = MentionTriagedData(mention_id="mn-1", unhappy=True)
        return cls(id="mn-1-t", source="care", subject="c-1", time=datetime(2013, 2, 8, 9, 30, tzinfo=UTC), data=data)
