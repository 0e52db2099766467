"""What was frozen meets what came of it: an example counts once it is ripe and labelled, unless it is censored.

Time is that of the journal partition an example comes from: its label comes from there too, in the journal's order, so
no other partition that is ahead or behind decides whether "every label could have arrived". Partitions run apart when
much is read at once; a common newest time would let good news of a slow partition count before its bad news is read.
"""

from collections import Counter
from heapq import heappop, heappush
from math import inf

import msgspec

from detectors.learning.marks import Mark, Marks

MOST = 100_000
"""So many examples of a model wait at once; beyond, the one that would expire next is given up."""


class Waiting(msgspec.Struct, array_like=True, gc=False):
    """A frozen example. `values` are float64 bytes, NaN where unknown; `source` is the journal partition it is of.

    `about` is what a customer would be told of; empty: the object itself.
    """

    at: float
    values: bytes
    tokens: tuple[str, ...]
    ripe_at: float
    expires_at: float
    source: str
    label: float | None = None
    about: str = ""
    labelled_at: float = inf
    """When the label came true, not when it became known."""


Ripe = tuple[str, Waiting]
"""An object, and its example with the label."""


class Join:
    """The examples of one model that wait. What it releases, and in which order, depends on the sequence alone."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting: dict[str, Waiting] = {}
        self._ripening: dict[str, list[tuple[float, str]]] = {}
        self._expiring: dict[str, list[tuple[float, str]]] = {}
        self.counts: Counter[str] = Counter()
        """`frozen`, `repeated`, `labelled`, `unknown` (a label of nothing that waits for one), `expired`, `crowded`,
        `told` (an object of which a customer was told), `censored`."""
        self.changed: dict[str, None] = {}
        self.marks = Marks(most)

    def __len__(self) -> int:
        return len(self._waiting)

    def freeze(self, thing: str, waiting: Waiting) -> None:
        """Keep an example; a second one of the same object is ignored while the first waits."""
        if thing in self._waiting:
            self.counts["repeated"] += 1
            return
        if len(self._waiting) >= self._most:
            self._give_up_one()
        self.counts["frozen"] += 1
        self._keep(thing, waiting)
        self.changed[thing] = None

    def label(self, thing: str, value: float, at: float) -> None:
        """The first label counts, when it comes before the example expires. One of nothing that waits is counted."""
        waiting = self._waiting.get(thing)
        if waiting is None or waiting.label is not None or at > waiting.expires_at:
            self.counts["unknown"] += 1
            return
        self.counts["labelled"] += 1
        waiting.label, waiting.labelled_at = value, at
        heappush(self._ripening.setdefault(waiting.source, []), (waiting.ripe_at, thing))
        self.changed[thing] = None

    def censor(self, about: str, at: float, source: str) -> None:
        """A customer was told of `about`: examples of it whose label came true from `at` on are left out."""
        if self.marks.add(about, Mark(at, source)):
            self.counts["told"] += 1

    def released(self, source: str, now: float) -> list[Ripe]:
        """What of a journal partition counts now that its time is `now`, by (ripe, object); what expired is gone."""
        ripe: list[Ripe] = []
        heap = self._ripening.get(source)
        while heap and heap[0][0] <= now:
            ripe_at, thing = heappop(heap)
            waiting = self._waiting.get(thing)
            if waiting is not None and waiting.label is not None and waiting.ripe_at == ripe_at:
                self._drop(thing)
                if self.marks.before(waiting.about or thing, waiting.labelled_at):
                    self.counts["censored"] += 1
                else:
                    ripe.append((thing, waiting))
        self._expire(source, now)
        self.marks.expire(source, now)
        return ripe

    def encode(self, thing: str) -> bytes | None:
        """A waiting example as bytes; None when it waits no more."""
        waiting = self._waiting.get(thing)
        return None if waiting is None else _ENCODER.encode(waiting)

    def load(self, thing: str, value: bytes) -> None:
        """Take one back. Raises `msgspec.DecodeError` when it is none of ours."""
        waiting = _DECODER.decode(value)
        self._keep(thing, waiting)
        if waiting.label is not None:
            heappush(self._ripening.setdefault(waiting.source, []), (waiting.ripe_at, thing))

    def _keep(self, thing: str, waiting: Waiting) -> None:
        self._waiting[thing] = waiting
        heappush(self._expiring.setdefault(waiting.source, []), (waiting.expires_at, thing))

    def _drop(self, thing: str) -> None:
        del self._waiting[thing]
        self.changed[thing] = None

    def _expire(self, source: str, now: float) -> None:
        heap = self._expiring.get(source)
        while heap and heap[0][0] < now:
            if self._expires(heappop(heap), labelled=False):
                self.counts["expired"] += 1

    def _give_up_one(self) -> None:
        while heap := min((heap for heap in self._expiring.values() if heap), key=lambda heap: heap[0], default=None):
            if self._expires(heappop(heap), labelled=True):
                self.counts["crowded"] += 1
                return

    def _expires(self, entry: tuple[float, str], *, labelled: bool) -> bool:
        """Drop what a heap's entry speaks of, unless it is gone already or, unless told otherwise, has its label."""
        expires_at, thing = entry
        waiting = self._waiting.get(thing)
        if waiting is None or waiting.expires_at != expires_at or (waiting.label is not None and not labelled):
            return False
        self._drop(thing)
        return True


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Waiting)
