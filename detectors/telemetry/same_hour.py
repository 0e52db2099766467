"""Whether it is as at this time of one of the seven days before.

Values lie in slots of a day, as wide as the metric's rhythm. A value is compared with those of the same moment, three
slots about it, on each of the last seven days, and the nearest counts: weekends, nights and rushes that shift by a few
minutes are no surprise, and neither is what has been so once this week.
"""

from math import copysign, log1p, nan

import msgspec
import numpy as np

from detectors.telemetry.cells import singles

DAY_S = 86_400.0
DAYS, ABOUT = 7, 3
MOST_SLOTS, LEAST_SLOTS = 288, 8
BEGINS = 60
"""So many rows show how wide a slot must be."""


class SameHour(msgspec.Struct, array_like=True):
    """A ring of slots. `slots` are in a day, 0 while the rhythm is being learned; `slot` is the newest."""

    slots: int = 0
    slot: int = 0
    early: list[tuple[float, float]] = []
    cells: bytearray = msgspec.field(default_factory=bytearray)

    def take(self, now: float, value: float, gap_s: float) -> tuple[float, float] | None:
        """Distance to the nearest, of values and of their logarithms; None when there is nothing to compare with."""
        if not self.slots:
            self.early.append((now, value))
            if len(self.early) == BEGINS:
                self._begin(gap_s)
            return None
        found = self._distances(self._slot(now), value)
        self._put(now, value)
        return found

    def usual(self, now: float) -> list[float]:
        """What it was at this time of the days before, the latest day first."""
        if not self.slots:
            return []
        cells, slot = singles(self.cells), self._slot(now)
        there = [float(cells[(slot - day * self.slots) % cells.size]) for day in range(1, DAYS + 1)]
        return [value for value in there if value == value]  # not NaN

    def _begin(self, gap_s: float) -> None:
        self.slots = min(MOST_SLOTS, max(LEAST_SLOTS, round(DAY_S / max(60.0, gap_s))))
        size = DAYS * self.slots + ABOUT + 1
        self.cells = bytearray(4 * size)
        singles(self.cells)[:] = nan
        self.slot = self._slot(self.early[0][0]) - 1
        for now, value in self.early:
            self._put(now, value)
        self.early = []

    def _slot(self, now: float) -> int:
        return int(now * self.slots // DAY_S)

    def _put(self, now: float, value: float) -> None:
        cells, slot = singles(self.cells), self._slot(now)
        if slot <= self.slot - cells.size:
            return
        for passed in range(max(self.slot + 1, slot - cells.size + 1), slot):
            cells[passed % cells.size] = nan  # nothing came then: what lies there is of a week ago
        cells[slot % cells.size] = value
        self.slot = max(self.slot, slot)

    def _distances(self, slot: int, value: float) -> tuple[float, float] | None:
        cells = singles(self.cells)
        nearest = cells[(slot + _about(self.slots)) % cells.size].astype(np.float64)
        nearest = nearest[~np.isnan(nearest)]
        if not nearest.size:
            return None
        logs = np.copysign(np.log1p(np.abs(nearest)), nearest)
        return float(np.abs(nearest - value).min()), float(np.abs(logs - signed_log(value)).min())


def signed_log(value: float) -> float:
    """Logarithm that keeps the sign and is 0 at 0: what grows by shares becomes even."""
    return copysign(log1p(abs(value)), value)


def _about(slots: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Slots to look at, seen from the one that a value falls into."""
    found = _ABOUT.get(slots)
    if found is None:
        found = _ABOUT[slots] = np.array(
            [step - day * slots for day in range(1, DAYS + 1) for step in range(-ABOUT, ABOUT + 1)], np.int64
        )
    return found


_ABOUT: dict[int, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
