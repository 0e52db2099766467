"""What was said of labelled series, scored as the Numenta Anomaly Benchmark does: one threshold for all of them."""

from collections.abc import Sequence
from typing import TypeGuard

import msgspec
import numpy as np

from desk.scores.nab import PROFILES, File, Nab, nab
from desk.scores.ranking import Floats
from desk.sources.history import History
from desk.sources.series import Series


class Said(msgspec.Struct, frozen=True):
    """Series by name, each with its rows and with the probability that was said at each of them; 0 where none was."""

    names: list[str] = []
    files: list[File] = []
    said: list[Floats] = []

    def of(self, places: Sequence[int]) -> "Said":
        """Some of the series only."""
        return Said(
            [self.names[place] for place in places],
            [self.files[place] for place in places],
            [self.said[place] for place in places],
        )

    def score(self, profile: str, threshold: float | None = None) -> Nab:
        """The score under a profile; without a threshold at the one that scores best for these series."""
        return nab(self.files, self.said, PROFILES[profile], threshold)

    def scores(self) -> dict[str, Nab]:
        """The three profiles' scores, each at its best threshold."""
        return {profile: self.score(profile) for profile in PROFILES}


def is_benchmark(history: History) -> TypeGuard[Series]:
    """Whether there are labelled windows, and whole series: part of one has no score."""
    return isinstance(history, Series) and history.whole and bool(history.truth())


def said_of(history: Series, answers: Sequence[tuple[str, float]]) -> Said:
    """The answers to a question of the history, (series, probability) each, by series.

    The first rows of a series may be missing (a probation): the score does not judge them either.
    """
    found, place = Said(), 0
    for name, points, windows in history.labelled():
        first = place
        while place < len(answers) and answers[place][0] == name:
            place += 1
        said = np.zeros(points.at.size)
        said[points.at.size - (place - first) :] = [probability for _, probability in answers[first:place]]
        found.names.append(name)
        found.files.append(File(points.at, windows))
        found.said.append(said)
    return found
