"""Whether the level has moved: the mean of some rows against where such means have been."""

import msgspec

from detectors.telemetry.cells import Ring
from detectors.telemetry.tail import LateNorm


class Level(msgspec.Struct, array_like=True):
    """The moving mean over `window.size` rows; `norm` learns those of more than that long ago."""

    window: Ring
    norm: LateNorm

    def take(self, value: float, memory: int) -> float:
        """By how many standard deviations the mean is off, up or down, against about `memory` rows."""
        self.window.swap(value)
        mean = self.window.mean()
        found = abs(self.norm.out(mean))
        self.norm.learn(mean, memory)
        return found


def level(rows: int) -> Level:
    """One that knows nothing yet."""
    return Level(Ring(rows), LateNorm(Ring(rows)))
