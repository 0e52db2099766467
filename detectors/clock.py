"""Time, from ticks alone: how far every source has been read."""

import msgspec

from models.events.tick import Tick

NEVER = float("inf")


class Watermarks:
    """How far each partition of each source topic has been read, in seconds since 1970. Never goes back."""

    def __init__(self) -> None:
        self._marks: dict[str, list[float]] = {}
        self._lowest: dict[str, float] = {}

    def advance(self, tick: Tick) -> bool:
        """Note a tick; True when its source's slowest partition moved.

        A source with more partitions than before stands still until each of them has been heard of.
        """
        data, at = tick.data, tick.time.timestamp()
        marks = self._marks.setdefault(data.source_topic, [])
        if len(marks) < data.source_partitions:
            marks += [-NEVER] * (data.source_partitions - len(marks))
        del marks[data.source_partitions :]  # a source that has fewer now waits for none that are gone
        if data.source_partition >= len(marks) or at <= marks[data.source_partition]:
            return False
        marks[data.source_partition] = at
        lowest, former = min(marks), self._lowest.get(data.source_topic, -NEVER)
        if lowest <= former:
            return False
        self._lowest[data.source_topic] = lowest
        return True

    def clock(self, topics: tuple[str, ...]) -> float:
        """The time of whoever listens to these topics: their slowest partition. `-inf` when it has not started."""
        return min((self._lowest.get(topic, -NEVER) for topic in topics), default=-NEVER)

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
