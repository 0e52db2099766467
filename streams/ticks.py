"""How far one partition of a source has been read, told to the journal: rarely, last, and never back."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from models.events.catalogue import encode
from models.events.tick import Tick, TickData
from streams.step import Output, Progress, State
from streams.watermarks import FeedWatermark, Watermark

CAUGHT_UP_KEY = b"\x00caught_up"


class Ticker:
    """Makes the ticks for what `data` says, into every partition of `to` (topic, partitions).

    `now` is the business time, `elapsed` real seconds: ticks are `beat_s` apart, unless the producer's own word makes
    one, which then stands where the word stood in the source.
    """

    def __init__(
        self,
        data: Sequence[TickData],
        to: tuple[str, int],
        watermark: Watermark,
        now: Callable[[], datetime],
        elapsed: Callable[[], float],
        beat_s: float,
    ) -> None:
        self.watermark = watermark
        self._data = data
        self._to = to
        self._now = now
        self._elapsed = elapsed
        self._beat_s = beat_s
        self._ticked_at = float("-inf")
        self._told: datetime | None = None
        self._stored: datetime | None = None

    def load(self, value: bytes) -> None:
        """Take back how far was told."""
        self._told = self._stored = msgspec.json.decode(value, type=datetime)

    def vouch(self) -> list[Output]:
        """The ticks that a producer's word makes at once."""
        return self._ticks(None) if isinstance(self.watermark, FeedWatermark) else []

    def due(self, progress: Progress) -> list[Output]:
        """The ticks of this beat, none when it is not over."""
        return self._ticks(progress.at_end_as_of) if self._elapsed() - self._ticked_at >= self._beat_s else []

    def states(self) -> list[State]:
        """How far was told, when it changed."""
        if self._told is None or self._told == self._stored:
            return []
        self._stored = self._told
        return [(CAUGHT_UP_KEY, msgspec.json.encode(self._told))]

    def _ticks(self, at_end_as_of: datetime | None) -> list[Output]:
        instant = self.watermark.instant(self._now(), at_end_as_of)
        if instant is None or (self._told is not None and instant <= self._told):
            return []
        self._told, self._ticked_at = instant, self._elapsed()
        topic, partitions = self._to
        ticks = [encode(tick_of(data, instant)) for data in self._data]
        return [(topic, number, b"tick", tick, ()) for tick in ticks for number in range(partitions)]


def tick_of(data: TickData, instant: datetime) -> Tick:
    """Everything up to `instant` has been read of what `data` names."""
    return Tick(id="tick", source="ingest", subject="tick", time=instant, data=data)
