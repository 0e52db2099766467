"""What has not been seen before: the distance to the nearest of a few remembered patterns.

An online prototype memory (sequential k-means, MacQueen 1967; adaptive resonance, Carpenter & Grossberg 1987): what is
near a pattern moves it, what is far from all becomes one, and the one unused for longest makes room.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from detectors.telemetry.cells import doubles

PATTERNS = 64
RATE = 0.1
"""How far a pattern moves to what was near it."""


class Novelty(msgspec.Struct, array_like=True):
    """Patterns of `width` numbers; `used` is when each was last the nearest. `near` is in usual deviations."""

    width: int
    near: float
    rows: int = 0
    known: int = 0
    cells: bytearray = msgspec.field(default_factory=bytearray)
    used: bytearray = msgspec.field(default_factory=bytearray)

    def take(self, pattern: Sequence[float], unit: float) -> float:
        """Mean distance of the pattern to the nearest known one, in `unit`; then it is known itself."""
        if not self.cells:
            self.cells, self.used = bytearray(8 * PATTERNS * self.width), bytearray(8 * PATTERNS)
        self.rows += 1
        if not self.known:
            return self._add(pattern, 0, 0.0)
        away = np.abs(doubles(self.cells)[: self.known * self.width].reshape(-1, self.width) - pattern)
        distance = away.sum(axis=1) if self.width > 1 else away.ravel()
        place = int(distance.argmin())
        found = float(distance[place]) / (self.width * unit)
        if found > self.near:
            return self._add(pattern, self._room(), found)
        cells = doubles(self.cells)[place * self.width : (place + 1) * self.width]
        cells += RATE * (np.asarray(pattern) - cells)
        doubles(self.used)[place] = self.rows
        return found

    def _room(self) -> int:
        return self.known if self.known < PATTERNS else int(doubles(self.used).argmin())

    def _add(self, pattern: Sequence[float], place: int, found: float) -> float:
        doubles(self.cells)[place * self.width : (place + 1) * self.width] = pattern
        doubles(self.used)[place] = self.rows
        self.known = max(self.known, place + 1)
        return found
