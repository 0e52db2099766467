"""Stops a detector that fails at every turn, before the dead letters fill with the whole journal."""

from collections import deque
from collections.abc import Mapping

from models.errors import OperatorError

WINDOW = 1_000
SHARE = 0.2


class DetectorBroken(OperatorError):
    """A detector fails too often. Operator action: run the former version, or take the detector out."""


class Breaker:
    """Counts readings and failures of each detector over its last `WINDOW` readings or a little more."""

    def __init__(self) -> None:
        self._windows: dict[str, deque[tuple[int, int]]] = {}

    def count(self, readings: Mapping[str, int], failures: Mapping[str, int]) -> None:
        """Take in what happened since the last call. Raises `DetectorBroken` above a share of `SHARE`."""
        for detector in readings.keys() | failures.keys():
            window = self._windows.setdefault(detector, deque())
            window.append((readings.get(detector, 0), failures.get(detector, 0)))
            while sum(read for read, _ in window) - window[0][0] >= WINDOW:
                window.popleft()
            failed = sum(wrong for _, wrong in window)
            read = max(sum(read for read, _ in window), WINDOW)
            if failed > SHARE * read:
                raise DetectorBroken(
                    f"detector {detector} failed {failed} times in its last {read} readings: go back to its former "
                    "version, or remove its file, then start detect again; nothing of this was written"
                )
