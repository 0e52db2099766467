"""Objects whose customers were told of them: what comes of such an object is a censored label.

It shows what happens to somebody who knows, and a model would learn from its own success that there never was any
danger. When the customer was told counts, not in which order it became known.
"""

from heapq import heappop, heappush

import msgspec

KEPT_S = 120 * 86_400.0
"""So long after the word examples about its object are still left out: no order is open for longer."""


class Mark(msgspec.Struct, array_like=True, gc=False):
    """Told at `at` (the earliest word counts); `source` is the journal partition that says so."""

    at: float
    source: str


class Marks:
    """By object. At most `most` of them: beyond, that of the longest known word is given up."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._marks: dict[str, Mark] = {}
        self._heaps: dict[str, list[tuple[float, str]]] = {}
        self.changed: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, about: str, mark: Mark) -> bool:
        """Note it; False when an earlier word is known already."""
        former = self._marks.get(about)
        if former is not None and former.at <= mark.at:
            return False
        if former is None and len(self._marks) >= self._most:
            self._give_up_one()
        self._keep(about, mark)
        self.changed[about] = None
        return True

    def before(self, about: str, at: float) -> bool:
        """Whether its customer was told by then."""
        mark = self._marks.get(about)
        return mark is not None and mark.at <= at

    def expire(self, source: str, now: float) -> None:
        """Forget what was told too long ago, by the time of the journal partition that said so."""
        heap = self._heaps.get(source)
        while heap and heap[0][0] + KEPT_S < now:
            self._drop(heappop(heap), source)

    def encode(self, about: str) -> bytes | None:
        """A mark as bytes; None when it is no more."""
        mark = self._marks.get(about)
        return None if mark is None else _ENCODER.encode(mark)

    def load(self, about: str, value: bytes) -> None:
        """Take one back. Raises `msgspec.DecodeError` when it is none of ours."""
        self._keep(about, _DECODER.decode(value))

    def _keep(self, about: str, mark: Mark) -> None:
        self._marks[about] = mark
        heappush(self._heaps.setdefault(mark.source, []), (mark.at, about))

    def _drop(self, entry: tuple[float, str], source: str) -> bool:
        """Unless the entry speaks of a later word than the one that counts."""
        at, about = entry
        if self._marks.get(about) != Mark(at, source):
            return False
        del self._marks[about]
        self.changed[about] = None
        return True

    def _give_up_one(self) -> None:
        while heaps := [(heap[0], source) for source, heap in self._heaps.items() if heap]:
            _, source = min(heaps)
            if self._drop(heappop(self._heaps[source]), source):
                return


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Mark)
