"""Ends a process whose event loop stands still: nothing in the loop itself could."""

from threading import Event, Thread

from models.errors import OperatorError
from streams.clock import elapsed
from streams.ending import end_process
from streams.probes.stall import LONGEST_STEP_S
from streams.probes.vitals import Vitals

LOOK_S = 1.0


class LoopStandsStill(OperatorError):
    """Something keeps the event loop from turning. Operator action: none, the process is started again."""


class LoopWatchdog:
    """A thread that ends the process when the loop has not turned for `limit_s`; its own sleep does not count."""

    def __init__(self, vitals: Vitals, limit_s: float) -> None:
        self._vitals, self._limit_s = vitals, limit_s
        self._closed = Event()
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def close(self) -> None:
        """Watch no longer."""
        self._closed.set()

    def _watch(self) -> None:
        still_s, seen, looked_at = 0.0, self._vitals.turned_at, elapsed()
        while not self._closed.wait(LOOK_S):
            now = elapsed()
            passed_s, looked_at = now - looked_at, now
            turned_at = self._vitals.turned_at
            still_s = 0.0 if turned_at != seen else still_s + min(passed_s, LONGEST_STEP_S)
            seen = turned_at
            if still_s > self._limit_s:
                end_process(
                    "watchdog",
                    LoopStandsStill(f"the event loop has not turned for {still_s:.0f} s: the process ends itself"),
                )
