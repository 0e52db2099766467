"""When a role that died is started again, and when that is worth an alarm."""

from collections import deque

LONGEST_DELAY_S = 10.0
FIRST_DELAY_S = 0.5
STEADY_S = 60.0
ALARM = 3


class Restarts:
    """Of one role. Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self.count = 0
        self._row = 0
        self._recent: deque[float] = deque(maxlen=ALARM)

    def after(self, started_s: float, died_s: float) -> float:
        """Seconds to wait before the next start: none after the first death, then 0.5, 1, 2, ... up to 10.

        Whoever lived for a minute begins anew.
        """
        self.count += 1
        self._row = 1 if died_s - started_s >= STEADY_S else self._row + 1
        self._recent.append(died_s)
        if self._row == 1:
            return 0.0
        return float(min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(self._row - 2, 10)))

    @property
    def alarming(self) -> bool:
        """Three deaths within one minute, the last one included."""
        return len(self._recent) == ALARM and self._recent[-1] - self._recent[0] <= STEADY_S
