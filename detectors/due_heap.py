"""Who is due when."""

from heapq import heappop, heappush

from detectors.clock import NEVER

_SPAN_S = 300.0


class DueHeap:
    """One due time per customer; they come out in order of (due, customer).

    Only the five minutes that are being read are in order, later spans when they are reached: most are far off, and
    most are moved before, so a later span holds names alone. Names that do not hold any more are passed over.
    `due` must be finite.
    """

    __slots__ = ("_current", "_due", "_later", "_reached", "_spans", "next_at")

    def __init__(self) -> None:
        self.next_at = NEVER
        """Nobody is due before; the next one may be due later."""
        self._due: dict[str, float] = {}
        self._current: list[tuple[float, str]] = []
        self._reached = -NEVER
        self._later: dict[float, list[str]] = {}
        self._spans: list[float] = []

    def __contains__(self, customer: str) -> bool:
        return customer in self._due

    def set(self, customer: str, due: float) -> None:
        """The customer is due then, and not when it was said before."""
        self._due[customer] = due
        if due < self.next_at:
            self.next_at = due
        span = due // _SPAN_S
        if span <= self._reached:
            heappush(self._current, (due, customer))
            return
        later = self._later.get(span)
        if later is None:
            self._later[span] = [customer]
            heappush(self._spans, span)
        else:
            later.append(customer)

    def drop(self, customer: str) -> None:
        """The customer is not due any more."""
        self._due.pop(customer, None)

    def pop(self, until: float) -> tuple[float, str] | None:
        """Take out the first that is due at `until` or before; None when there is none."""
        while self._current or self._open_span(until):
            first = self._current[0]
            if first[0] > until:
                self.next_at = first[0]
                return None
            heappop(self._current)
            if self._due.get(first[1]) == first[0]:
                del self._due[first[1]]
                return first
        return None

    def _open_span(self, until: float) -> bool:
        """Put those in order who are due in the next span that has any, all others of its names are moved."""
        while self._spans:
            begin = self._spans[0] * _SPAN_S
            if begin > until:
                self.next_at = begin
                return False
            self._reached = span = heappop(self._spans)
            due_of, names = self._due.get, self._later.pop(span)
            self._current = [(due, name) for name in names if (due := due_of(name, NEVER)) // _SPAN_S == span]
            if self._current:
                self._current.sort()  # is a heap, too
                return True
        self.next_at = NEVER
        return False
