"""Time, from ticks alone: how far every source has been read."""

import msgspec

from models.events.tick import Tick
from models.instants import instant

NEVER = float("inf")


class Watermarks:
    """How far each partition of each source topic has been read, in seconds since 1970. Never goes back."""

    def __init__(self) -> None:
        self._marks: dict[str, list[float]] = {}
        self._lowest: dict[str, float] = {}
        self._time = instant(0.0)
        self._at = 0.0

    def advance(self, tick: Tick) -> bool:
        """Note a tick; True when its source's slowest partition moved.

        A source with more partitions than before stands still until each of them has been heard of.
        """
        data, time = tick.data, tick.time
        if time != self._time:  # ticks of one beat follow each other, and to compare is a sixth of the work
            self._time, self._at = time, time.timestamp()
        topic, number, at = data.source_topic, data.source_partition, self._at
        marks, former = self._marks.get(topic), self._lowest.get(topic, -NEVER)
        if marks is None or len(marks) != data.source_partitions:
            marks = self._marks[topic] = self._resized(marks or [], data.source_partitions)
        elif number < len(marks) and former < marks[number] < at:  # not the slowest: most ticks are such
            marks[number] = at
            return False
        if number >= len(marks) or at <= marks[number]:
            return False
        marks[number] = at
        lowest = min(marks)
        if lowest <= former:
            return False
        self._lowest[topic] = lowest
        return True

    @staticmethod
    def _resized(marks: list[float], partitions: int) -> list[float]:
        """A source that has fewer partitions now waits for none that are gone."""
        return (marks + [-NEVER] * partitions)[:partitions]

    def clock(self, topics: tuple[str, ...]) -> float:
        """The time of whoever listens to these topics: their slowest partition. `-inf` when it has not started."""
        lowest = self._lowest
        if len(topics) == 1:
            return lowest.get(topics[0], -NEVER)
        return min([lowest.get(topic, -NEVER) for topic in topics], default=-NEVER)

    def told(self) -> dict[str, float]:
        """Source -> its slowest partition, in seconds since 1970; 0 while one of them has not been heard of."""
        return {topic: self._lowest.get(topic, 0.0) for topic in self._marks}

    def encode(self) -> bytes:
        """The marks as bytes."""
        return _ENCODER.encode((self._marks, self._lowest))

    def load(self, value: bytes) -> None:
        """Take back what `encode` gave."""
        self._marks, self._lowest = _DECODER.decode(value)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[dict[str, list[float]], dict[str, float]])
