"""The port to whoever fits trees: it takes seconds, and who reads a stream must not wait in the middle of it."""

from typing import Protocol

import msgspec

from detectors.learning.families.boosted import fit
from detectors.learning.lesson import Boosted
from detectors.learning.snapshot import Trees
from detectors.learning.window import Floats, Values


class Job(msgspec.Struct, frozen=True):
    """One fit. `name` says which; the trees depend on the rest alone, wherever and how often it is done."""

    name: str
    settings: Boosted
    values: Values
    labels: Floats
    seed: int


class Trainer(Protocol):
    """Fits one job of a name at a time."""

    def start(self, job: Job) -> None:
        """Begin, unless a job of this name is under way or done."""

    def knows(self, name: str) -> bool:
        """Whether it was started here (a restart forgets)."""

    def result(self, name: str) -> Trees | None:
        """The trees, None while they are not ready."""

    def forget(self, name: str) -> None:
        """The trees were taken over, or are not wanted any more."""


class HereAndNow:
    """Fits at once and in this process: for the desk and the benches."""

    def __init__(self) -> None:
        self._done: dict[str, Trees] = {}

    def start(self, job: Job) -> None:
        """Fit it."""
        if job.name not in self._done:
            self._done[job.name] = fit(job.settings, job.values, job.labels, job.seed)

    def knows(self, name: str) -> bool:
        """Whether it was fitted."""
        return name in self._done

    def result(self, name: str) -> Trees | None:
        """The trees."""
        return self._done.get(name)

    def forget(self, name: str) -> None:
        """Drop them."""
        self._done.pop(name, None)
