"""Slows the demo's clock where the machine cannot follow: a second of delay is forty minutes of the story.

The clock never stands: mails that leave at one moment of the story would be a flood to the breaker. How long it went
slowly is told; a machine that follows sees little of it.
"""

from pathlib import Path

from beforehand.demo.figures import Figures
from streams.clock import turn_clock

SLOWER = 4.0
"""So many times."""
DUE = (60, 15)
"""More notifications than this wait: slower. Fewer than the second: as before."""
LAG = (9_000, 4_000)
"""The same for the records that `detect` and what stands before it have not read."""
LONGEST_S = 60.0
"""What still waits after so long waits for something else than the machine: from then on it goes fast for good."""


class Pace:
    """The clock in `clock_file`, which goes `rate` times as fast as life, and slower while too much waits."""

    def __init__(self, clock_file: Path, rate: float) -> None:
        self._clock_file, self._rate = clock_file, rate
        self._slow_since_s: float | None = None
        self._slow_s = 0.0
        self._for_good = False

    def look(self, figures: Figures, now_s: float) -> None:
        """Slow down or speed up, as these figures say. `now_s`: seconds of any clock that never goes back."""
        lag = figures.lag.get("ingest", 0) + figures.lag.get("detect", 0)
        if self._slow_since_s is None:
            if not self._for_good and (figures.due > DUE[0] or lag > LAG[0]):
                turn_clock(self._clock_file, self._rate / SLOWER)
                self._slow_since_s = now_s
            return
        self._for_good = now_s - self._slow_since_s > LONGEST_S
        if self._for_good or (figures.due < DUE[1] and lag < LAG[1]):
            self.go_on(now_s)

    def go_on(self, now_s: float) -> None:
        """At full rate again, should it be slow."""
        if self._slow_since_s is not None:
            turn_clock(self._clock_file, self._rate)
            self._slow_s += now_s - self._slow_since_s
            self._slow_since_s = None

    @property
    def slow_s(self) -> float:
        """How long the clock went slowly in all."""
        return self._slow_s
