"""A producer's own word on how far it is: everything up to `time` has been sent to this partition."""

from datetime import UTC, datetime
from typing import Self

from models.events.base import Event, Payload


class FeedProgressedData(Payload, frozen=True):
    """Nothing but the envelope's time is needed."""


class FeedProgressed(Event, frozen=True, tag="feed.progressed.v1"):
    """A producer sends it to a partition by number; ingest makes it part of the next tick."""

    data: FeedProgressedData = FeedProgressedData()

    @classmethod
    def example(cls) -> Self:
        """All flights until three o'clock have been sent."""
        return cls(id="fp-1", source="flights", subject="feed", time=datetime(2013, 2, 8, 15, 0, tzinfo=UTC))
