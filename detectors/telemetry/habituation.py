"""When to speak: once, then not for a while unless it gets much worse, and less about what has become usual.

A neuron that fires is refractory, and one that is touched again and again habituates (Thompson & Spencer 1966). Without
both, every row of a trouble is an alarm of its own.
"""

from math import exp

import msgspec

from detectors.telemetry.cadence import Cadence


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How long to be silent after a peak, and how peaks become usual.

    After a peak only a score above `again` times it is another, for `silent_share` of the time that the metric is
    known, at most `silent_s` seconds, at least `silent_rows` rows: who knows little cannot tell the peak that counts.
    A score is divided by 1 + `habit` x the peaks that were as high, each fading over `fades_s`; `peaks` are kept.
    """

    silent_s: float
    silent_share: float
    silent_rows: int
    again: float
    habit: float
    peaks: int
    fades_s: float

    def silence(self, cadence: Cadence) -> float:
        """Seconds of silence after a peak now."""
        known_s = self.silent_share * (cadence.last - cadence.first)
        return max(min(self.silent_s, known_s), self.silent_rows * cadence.gap_s)


class Habituation(msgspec.Struct, array_like=True):
    """`last` is the height of the peak that was at `at` (seconds since 1970); `peaks` are the last (at, height)."""

    last: float = 0.0
    at: float = 0.0
    peaks: list[tuple[float, float]] = []

    def take(self, now: float, score: float, silent_s: float, habits: Habits) -> float | None:
        """How much a score is worth telling when it is a peak; None when it is none."""
        silent = bool(self.peaks) and now - self.at <= silent_s
        if silent and score <= self.last * habits.again:
            return None
        usual = sum(exp((at - now) / habits.fades_s) * min(1.0, (peak / score) ** 2) for at, peak in self.peaks)
        self.last, self.at = score, now
        self.peaks.append((now, score))
        del self.peaks[: -habits.peaks]
        return score / (1.0 + habits.habit * usual)
