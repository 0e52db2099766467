"""Time, from ticks alone: how far every source has been read, and what is due by then."""

from heapq import heapify, heappop, heappush

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

    def encode(self) -> bytes:
        """The marks as bytes."""
        return _ENCODER.encode((self._marks, self._lowest))

    def load(self, value: bytes) -> None:
        """Take back what `encode` gave."""
        self._marks, self._lowest = _DECODER.decode(value)


class DueHeap:
    """(due, customer) in order. Entries may be stale: whoever pops one asks the customer whether it still holds."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, str]] = []
        self._sorted = True

    def push(self, due: float, customer: str) -> None:
        """Add one entry."""
        heappush(self._heap(), (due, customer))

    def restore(self, due: float, customer: str) -> None:
        """Add one entry while states are read back; the order is made at the first use."""
        self._entries.append((due, customer))
        self._sorted = False

    def pop(self, until: float) -> tuple[float, str] | None:
        """The first entry due at `until` or before, or None."""
        heap = self._heap()
        return heappop(heap) if heap and heap[0][0] <= until else None

    def _heap(self) -> list[tuple[float, str]]:
        if not self._sorted:
            heapify(self._entries)
            self._sorted = True
        return self._entries


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[dict[str, list[float]], dict[str, float]])
