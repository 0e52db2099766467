"""A source's events as its producer sends them: to which topic and partition, with its word on how far it is."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from models.events.base import Event
from models.events.feed_progressed import FeedProgressed
from models.partitions import partition_of

SOURCE_TOPICS = ("orders.v1", "telemetry.v1", "care.v1")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Sent = tuple[str, int, Event]
"""Topic, partition of it, event."""


def feed(
    events: Iterable[Event],
    partitions: int,
    beat: timedelta,
    topics: Sequence[str] = SOURCE_TOPICS,
    tail: timedelta = timedelta(0),
) -> Iterator[Sent]:
    """Add `feed.progressed.v1` for every partition of `topics` at beats of event time.

    `events` are in time order. A beat stands before the first event past it and vouches for everything up to it. Beats
    go on for `tail` after the last event, so that what is then overdue is noticed. Raises ValueError for a beat of 0.
    """
    if beat <= timedelta(0):
        raise ValueError("feed: the beat is a time above zero")
    due: datetime | None = None
    for event in events:
        if due is None:
            due = _beat_from(event.time, beat)
        while due < event.time:
            yield from _progress(due, partitions, topics)
            due += beat
        yield event.topic, partition_of(event.subject, partitions), event
        newest = event.time
    while due is not None and due < newest + tail + beat:
        yield from _progress(due, partitions, topics)
        due += beat


def _beat_from(moment: datetime, beat: timedelta) -> datetime:
    """The first beat at or after the instant."""
    return EPOCH - (EPOCH - moment) // beat * beat


def _progress(reached: datetime, partitions: int, topics: Sequence[str]) -> Iterator[Sent]:
    second = int(reached.timestamp())
    for topic in topics:
        for partition in range(partitions):
            name = f"progress-{topic}-{partition}-{second}"
            yield topic, partition, FeedProgressed(id=name, source="feed", subject="feed", time=reached)
