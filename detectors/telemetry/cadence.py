"""How often a metric is measured: some come every minute, some every hour, and gaps are no rhythm."""

import msgspec


class Cadence(msgspec.Struct, array_like=True):
    """`gap_s` is the usual time between rows; a gap ten times as long is an outage and changes nothing.

    `first` and `last` are when it was first and last measured, in seconds since 1970.
    """

    rows: int = 0
    first: float = 0.0
    last: float = 0.0
    gap_s: float = 0.0

    def take(self, now: float) -> None:
        """A row came."""
        if self.rows:
            gap = max(0.0, now - self.last)
            if self.rows == 1:
                self.gap_s = gap
            elif gap < 10.0 * self.gap_s or self.rows < 10:
                self.gap_s += max(1.0 / self.rows, 0.01) * (gap - self.gap_s)
        else:
            self.first = now
        self.rows += 1
        self.last = now
