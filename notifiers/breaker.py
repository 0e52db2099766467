"""The guard against a mass mistake: far more sends than usual stop all of them until a person looks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection

from ledger.counts import claimed, spoken_since
from ledger.switches import BREAKER, halt, released_at

WINDOW = timedelta(minutes=5)
LOOK_BACK = 12
"""Earlier windows whose median is what is usual: one hour."""


class Breaker:
    """At most `floor` sends in 5 minutes of business time, or `times` the median of the last hour when that is more.

    A `floor` of 0 turns it off.
    """

    def __init__(self, floor: int = 50, times: float = 5.0) -> None:
        self._floor, self._times = floor, times

    def allowance(self, connection: Connection, now: datetime, wanted: int) -> int:
        """How many of `wanted` may be claimed now. None left: it halts all claims, until a person releases it."""
        if self._floor <= 0 or wanted <= 0:
            return wanted
        spoken = spoken_since(connection, now - (LOOK_BACK + 1) * WINDOW)
        counts = by_window(spoken, now)
        released = released_at(connection, BREAKER)
        recent = counts[0] if released is None else sum(at >= max(released, now - WINDOW) for at in spoken)
        recent += claimed(connection)
        left = limit(self._floor, self._times, counts[1:]) - recent
        if left <= 0:
            halt(connection, BREAKER, f"{recent} sends within 5 minutes", now)
            return 0
        return min(wanted, left)


def by_window(spoken: Sequence[datetime], now: datetime) -> list[int]:
    """Sends per window, the one that ends `now` first. What is dated later counts as now."""
    counts = [0] * (LOOK_BACK + 1)
    for at in spoken:
        back = max(0, (now - at) // WINDOW)
        if back <= LOOK_BACK:
            counts[back] += 1
    return counts


def limit(floor: int, times: float, earlier: Sequence[int]) -> int:
    """Sends allowed in a window, given those of the windows before it."""
    return max(floor, int(times * median(earlier))) if earlier else floor
