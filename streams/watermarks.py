"""How far a partition of a source is known to be read: what the ticks vouch for."""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Poll(msgspec.Struct, frozen=True):
    """What one answer of the broker said of a partition.

    `position` is the next offset to fetch, `end` the end of the partition at the time of the answer, open
    transactions included, `answered_at` when we took the answer in (Unix seconds).
    """

    position: int
    end: int
    answered_at: float


class ReadToEnd:
    """As of when nothing of a partition was unread.

    A process that was stopped takes in an answer long after the broker gave it. What is certain: a request is sent
    after the answer before it was taken in. So an answer vouches for the instant of the one before, not for its own.
    """

    def __init__(self) -> None:
        self.as_of: float | None = None
        """Unix seconds; never goes back."""
        self._answered_at = self._asked_after = 0.0
        self._claims: deque[tuple[int, float]] = deque()

    def looked(self, poll: Poll, delivered: int) -> None:
        """Take in a poll, when everything before the offset `delivered` has been handed out."""
        if poll.answered_at == self._answered_at:
            return
        self._asked_after, self._answered_at = self._answered_at, poll.answered_at
        if poll.position >= poll.end and self._asked_after:
            self._claims.append((delivered, min(self._asked_after, self._answered_at)))

    def applied(self, next_offset: int) -> float | None:
        """`as_of`, when everything before `next_offset` has been taken in."""
        while self._claims and next_offset >= self._claims[0][0]:
            self.as_of = max(self.as_of or 0.0, self._claims.popleft()[1])
        return self.as_of


def slowest(told: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Source -> the least that any of these knows of it; 0 where one knows nothing of a source that another knows."""
    known = list(told)
    return {source: min(one.get(source, 0.0) for one in known) for source in {name for one in known for name in one}}


class Watermark(Protocol):
    """What an ingest step believes of its source."""

    def read(self, time: datetime) -> None:
        """An event of this time has been read."""

    def vouched(self, time: datetime) -> None:
        """The producer says: everything up to `time` has been sent."""

    def instant(self, now: datetime, at_end_as_of: datetime | None, /) -> datetime | None:
        """Everything up to then has been read; None while nothing is known."""


class FeedWatermark:
    """Believes the producer's word and nothing else: a feed that is silent stops the time of who listens to it."""

    def __init__(self) -> None:
        self._vouched: datetime | None = None

    def read(self, time: datetime) -> None:
        """An event's own time vouches for nothing."""

    def vouched(self, time: datetime) -> None:
        """The newest word counts."""
        self._vouched = max(self._vouched or time, time)

    def instant(self, _now: datetime, _at_end_as_of: datetime | None, /) -> datetime | None:
        """The newest word."""
        return self._vouched


class WallWatermark:
    """Believes arrival: an event is under way for at most `settle`.

    While there is a backlog, the newest event time read says how far it is; at the end, the real time does. An event
    time beyond `now` is taken as now.
    """

    def __init__(self, settle: timedelta) -> None:
        self._settle = settle
        self._newest: datetime | None = None

    def read(self, time: datetime) -> None:
        """The newest counts."""
        self._newest = max(self._newest or time, time)

    def vouched(self, time: datetime) -> None:
        """As good as an event of that time."""
        self.read(time)

    def instant(self, now: datetime, at_end_as_of: datetime | None, /) -> datetime | None:
        """The later of what was read and what the end of the partition says, less `settle`."""
        known = [time for time in (self._newest, at_end_as_of) if time is not None]
        return min(max(known), now) - self._settle if known else None
