"""Who is due when: (due, customer) in order."""

from heapq import heapify, heappop, heappush

_SPAN_S = 60.0


class DueHeap:
    """Only the minute that is being read is kept in order, later ones when they are reached: most entries are far off.

    Entries may be stale: whoever pops one asks the customer whether it still holds. `due` must be finite.
    """

    def __init__(self) -> None:
        self._current: list[tuple[float, str]] = []
        self._reached = float("-inf")
        self._later: dict[float, list[tuple[float, str]]] = {}
        self._minutes: list[float] = []

    def push(self, due: float, customer: str) -> None:
        """Add one entry."""
        minute = due // _SPAN_S
        if minute <= self._reached:
            heappush(self._current, (due, customer))
            return
        later = self._later.get(minute)
        if later is None:
            self._later[minute] = [(due, customer)]
            heappush(self._minutes, minute)
        else:
            later.append((due, customer))

    def pop(self, until: float) -> tuple[float, str] | None:
        """The first entry due at `until` or before, or None."""
        while not self._current:
            if not self._minutes or self._minutes[0] * _SPAN_S > until:
                return None
            self._reached = heappop(self._minutes)
            self._current = self._later.pop(self._reached)
            heapify(self._current)
        return heappop(self._current) if self._current[0][0] <= until else None
