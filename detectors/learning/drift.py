"""Whether what is said has stopped being true: Page's two-sided cumulative sums over standardised errors (Page 1954).

While probabilities hold, (label - p) / sqrt(p (1 - p)) has mean 0 and variance 1, so that no mean has to be learned, as
Page-Hinkley's test would. It is quick but easily excited: whether calibration is out of bounds says its error over the
newest rows.
"""

from math import sqrt

import msgspec

SLACK = 0.25
"""A shift of so many standard deviations is let pass."""

ALARM = 20.0
"""Sum of standard deviations beyond the slack, that is, about 80 rows of a shift by half a standard deviation."""

ROWS = 300
"""So many of the newest rows say whether calibration is in bounds."""

LOOK_EVERY = 25
"""While it is out of bounds, how many rows later it is looked at again."""

_LEAST = 0.001


class Drift(msgspec.Struct, array_like=True):
    """`up`: more trouble than was said, `down`: less."""

    up: float = 0.0
    down: float = 0.0

    def add(self, label: float, probability: float) -> bool:
        """One more row; True on an alarm, and then the sums begin anew."""
        certain = min(max(probability, _LEAST), 1.0 - _LEAST)
        error = (label - certain) / sqrt(certain * (1.0 - certain))
        self.up = max(0.0, self.up + error - SLACK)
        self.down = max(0.0, self.down - error - SLACK)
        if max(self.up, self.down) < ALARM:
            return False
        self.up = self.down = 0.0
        return True
