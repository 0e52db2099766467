"""What a number usually is, and by how much it usually is off."""

from typing import Self

import msgspec

MEMORY = 3000
"""Rows after which the past has faded to a third."""


class Spread(msgspec.Struct, array_like=True):
    """Running mean and mean absolute deviation of `rows` numbers, fading."""

    rows: int = 0
    mean: float = 0.0
    off: float = 0.0

    def take(self, value: float) -> Self:
        """One more number."""
        self.rows += 1
        if self.rows == 1:
            self.mean = value
            return self
        share, away = max(1.0 / self.rows, 1.0 / MEMORY), value - self.mean
        self.mean += share * away
        self.off += share * (abs(away) - self.off)
        return self

    @property
    def unit(self) -> float:
        """The usual deviation, never nothing: a thousandth of the level counts as noise."""
        return self.off + 1e-3 * abs(self.mean) + 1e-9
