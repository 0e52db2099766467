"""For how long a place could have gone on and did not: pure, so that days of it can be tested in no time."""

from streams.probes.look import PlaceLook

LONGEST_STEP_S = 2.0
"""A process that slept counts no more than this of its sleep against itself."""


class Stall:
    """One input partition. Time counts only while what it depends on answers; a commit, or nothing to do, ends it."""

    def __init__(self) -> None:
        self.behind_s = 0.0
        """Something waits, and no commit moved it."""
        self.unsaved_s = 0.0
        """Something was read, and no commit made it safe."""
        self._committed = -1

    def look(self, place: PlaceLook, passed_s: float, *, away: bool) -> None:
        """Take in a look, `passed_s` after the one before."""
        step = min(passed_s, LONGEST_STEP_S)
        if place.committed != self._committed:
            self._committed, self.behind_s, self.unsaved_s = place.committed, 0.0, 0.0
            return
        if not place.behind:
            self.behind_s = 0.0
        elif not away:
            self.behind_s += step
        if place.read <= place.committed:
            self.unsaved_s = 0.0
        elif not away:
            self.unsaved_s += step
