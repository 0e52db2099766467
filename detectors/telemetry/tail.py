"""How far out a number lies in the long-run distribution of itself, learned late so that trouble is no norm at once."""

from math import sqrt

import msgspec

from detectors.telemetry.cells import Ring

LEAST = 30
"""So many rows are learned before anything is said."""


class LateNorm(msgspec.Struct, array_like=True):
    """Mean and variance of a smoothed number, each row learned when it is `late.size` rows old."""

    late: Ring
    learned: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def out(self, value: float) -> float:
        """By how many standard deviations the value lies above (below: negative) the norm; 0 while too little is known.

        A thousandth of the level counts as noise.
        """
        if self.learned <= LEAST:
            return 0.0
        return (value - self.mean) / (sqrt(self.variance) + 1e-3 * abs(self.mean) + 1e-9)

    def learn(self, value: float, memory: int) -> None:
        """Take in a value; what came `late.size` rows before it becomes part of the norm of about `memory` rows."""
        due = self.late.swap(value)
        if due is None:
            return
        self.learned += 1
        share, away = max(1.0 / self.learned, 1.0 / memory), due - self.mean
        self.mean += share * away
        self.variance = (1.0 - share) * (self.variance + share * away * away)


class Tail(msgspec.Struct, array_like=True):
    """One-sided: a surprise smoothed over about `rows` rows against all smoothed surprises before."""

    rows: int
    norm: LateNorm
    seen: int = 0
    smooth: float = 0.0

    def take(self, surprise: float, memory: int = 3000) -> float:
        """By how many standard deviations the smoothed surprise is more than usual."""
        self.seen += 1
        self.smooth += (surprise - self.smooth) * max(1.0 / self.seen, 1.0 / self.rows)
        found = self.norm.out(self.smooth)
        self.norm.learn(self.smooth, memory)
        return max(0.0, found)


def tail(rows: int) -> Tail:
    """One that knows nothing yet."""
    return Tail(rows, LateNorm(Ring(rows)))
