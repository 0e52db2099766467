"""Who is due when."""

from heapq import heapify, heappop, heappush

_SPAN_S = 60.0


class DueHeap:
    """One due time per customer; they come out in order of (due, customer).

    Only the minute that is being read is kept in order, later ones when they are reached: most are far off, and many
    are moved before. Entries that do not hold any more are passed over. `due` must be finite.
    """

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._current: list[tuple[float, str]] = []
        self._reached = float("-inf")
        self._later: dict[float, list[tuple[float, str]]] = {}
        self._minutes: list[float] = []

    def __contains__(self, customer: str) -> bool:
        return customer in self._due

    def __len__(self) -> int:
        return len(self._due)

    def set(self, customer: str, due: float) -> None:
        """The customer is due then, and not when it was said before."""
        self._due[customer] = due
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

    def drop(self, customer: str) -> None:
        """The customer is not due any more."""
        self._due.pop(customer, None)

    def pop(self, until: float) -> tuple[float, str] | None:
        """Take out the first that is due at `until` or before; None when there is none."""
        while self._current or self._open_minute(until):
            first = self._current[0]
            if first[0] > until:
                return None
            heappop(self._current)
            if self._due.get(first[1]) == first[0]:
                del self._due[first[1]]
                return first
        return None

    def _open_minute(self, until: float) -> bool:
        if not self._minutes or self._minutes[0] * _SPAN_S > until:
            return False
        self._reached = heappop(self._minutes)
        self._current = self._later.pop(self._reached)
        heapify(self._current)
        return True
