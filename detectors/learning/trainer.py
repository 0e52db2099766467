"""The port to whoever fits models: it takes seconds, and who reads a stream must not wait in the middle of it."""

from typing import Protocol

import msgspec

from detectors.learning.curves import Curves
from detectors.learning.families import additive, boosted
from detectors.learning.lesson import Additive, Boosted
from detectors.learning.snapshot import Trees
from detectors.learning.window import Floats, Values

Fitted = Trees | Curves


class Job(msgspec.Struct, frozen=True):
    """One fit. `name` says which; what comes of it depends on the rest alone, wherever and how often it is done."""

    name: str
    settings: Boosted | Additive
    names: tuple[str, ...]
    values: Values
    labels: Floats
    seed: int

    def done(self) -> Fitted:
        """Fit it. Raises `ValueError` for rows that nothing can be learned from."""
        if isinstance(self.settings, Additive):
            return additive.fit(self.settings, self.names, self.values, self.labels)
        return boosted.fit(self.settings, self.values, self.labels, self.seed)


class Trainer(Protocol):
    """Fits one job of a name at a time."""

    def start(self, job: Job) -> None:
        """Begin, unless a job of this name is under way or done."""

    def knows(self, name: str) -> bool:
        """Whether it was started here (a restart forgets)."""

    def result(self, name: str) -> Fitted | None:
        """What was fitted, None while it is not ready."""

    def forget(self, name: str) -> None:
        """It was taken over, or is not wanted any more."""


class HereAndNow:
    """Fits at once and in this process: for the desk and the benches."""

    def __init__(self) -> None:
        self._done: dict[str, Fitted] = {}

    def start(self, job: Job) -> None:
        """Fit it."""
        if job.name not in self._done:
            self._done[job.name] = job.done()

    def knows(self, name: str) -> bool:
        """Whether it was fitted."""
        return name in self._done

    def result(self, name: str) -> Fitted | None:
        """What was fitted."""
        return self._done.get(name)

    def forget(self, name: str) -> None:
        """Drop it."""
        self._done.pop(name, None)
