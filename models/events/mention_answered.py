"""We answered in public what somebody wrote about us."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class MentionAnsweredData(Payload, frozen=True):
    """`mention_id` is the id of the `mention.posted.v1` that was answered."""

    mention_id: Key


class MentionAnswered(Event, frozen=True, tag="mention.answered.v1"):
    """The answer stood there at `time`. `subject` is that of the mention."""

    topic: ClassVar[str] = "care.v1"
    data: MentionAnsweredData

    @classmethod
    def example(cls) -> Self:
        """An answer to a complaint about a wait."""
        data = MentionAnsweredData(mention_id="mn-1")
        return cls(id="mn-1-a", source="desk", subject="c-1", time=datetime(2013, 2, 8, 9, 40, tzinfo=UTC), data=data)
