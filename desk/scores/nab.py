"""The score of the Numenta Anomaly Benchmark v1.1, written from its published rules (Lavin & Ahmad 2015, section 3).

An alarm in a window of trouble earns up to 1, more the earlier; only the best alarm of a window counts. One elsewhere
costs up to 1, less soon after a window. A window without an alarm costs 1. Three profiles weigh these differently. The
first rows of a file are probation: what is said there does not count. One threshold, chosen here, serves all files.
The sum is scaled so that saying nothing is 0 and each window met at its first row is 100.
"""

from collections.abc import Sequence
from math import inf

import msgspec
import numpy as np
import numpy.typing as npt

from desk.scores.ranking import Floats

PROBATION_SHARE, PROBATION_MOST = 0.15, 750
"""The first 15 % of a file, 750 rows at most, are not judged."""
FAR = 3.0
"""Beyond so many window lengths after a window an alarm costs all."""
Ints = npt.NDArray[np.int64]
Window = tuple[int, int]
"""First and last second of a trouble, both in it."""


class Profile(msgspec.Struct, frozen=True):
    """What a window met, a window missed and a false alarm weigh."""

    met: float
    missed: float
    false: float


PROFILES = {
    "standard": Profile(1.0, 1.0, 0.11),
    "reward_low_fp": Profile(1.0, 1.0, 0.22),
    "reward_low_fn": Profile(1.0, 2.0, 0.11),
}


class Nab(msgspec.Struct, frozen=True):
    """`score` at `threshold`: rows that score so much or more are alarms. `hits` of `windows` were met."""

    score: float
    threshold: float
    hits: int
    windows: int
    false_rows: int


class File:
    """The rows of one file by what an alarm there is worth.

    `at` are its seconds in the order of the file (of repeated ones the first counts), `windows` the
    first and last second of each trouble. `window` is the number of the window that holds a row, or -1,
    `worth` what an alarm there earns or costs, in shares of the weights, `live` whether it is judged.
    """

    def __init__(self, at: Ints, windows: Sequence[Window]) -> None:
        self.rows, self.labelled = at.size, len(windows)
        self.window, self.worth = np.full(at.size, -1, np.int64), np.full(at.size, -1.0)
        for number, (first, last) in enumerate(sorted(windows)):
            start, end = _row(at, first), _row(at, last)
            if start <= end < at.size:
                self._mark(number, start, end)
        self.live = np.arange(at.size) >= min(int(at.size * PROBATION_SHARE), PROBATION_MOST)

    def _mark(self, number: int, start: int, end: int) -> None:
        """Rows `start` to `end` (both in it) are the window; what comes after is judged by how far it is from it."""
        width = end - start + 1
        self.window[start : end + 1] = number
        inside = np.arange(start - end - 1, 0) / width
        self.worth[start : end + 1] = _sigmoid(inside) / _sigmoid(np.array([-1.0]))
        self.worth[end + 1 :] = _sigmoid(np.arange(1, self.rows - end) / max(1, width - 1))


def nab(files: Sequence[File], said: Sequence[Floats], profile: Profile, threshold: float | None = None) -> Nab:
    """The score of what was `said` of each row of each file; without a threshold at the one that scores best.

    Raises ValueError when something was said of more or fewer rows than there are.
    """
    alarms = _Alarms(files, said, profile)
    labelled = sum(file.labelled for file in files)
    span = profile.met * labelled - alarms.null
    if span == 0.0:
        return Nab(0.0, inf, 0, 0, 0)
    raw, at = alarms.best() if threshold is None else (alarms.at(threshold), threshold)
    return Nab(100.0 * (raw - alarms.null) / span, at, *alarms.counts(at, labelled))


class _Alarms:
    """All judged rows of all files by falling score, with what the sum is when all down to there are alarms."""

    def __init__(self, files: Sequence[File], said: Sequence[Floats], profile: Profile) -> None:
        if any(file.rows != scores.size for file, scores in zip(files, said, strict=True)):
            raise ValueError("nab: something else than one score per row")
        firsts = np.cumsum([0, *(file.labelled for file in files)]).tolist()
        pairs = list(zip(firsts, files, strict=False))
        window = [np.where(file.window < 0, -1, file.window + first)[file.live] for first, file in pairs]
        scores = [one[file.live] for file, one in zip(files, said, strict=True)]
        joined = np.concatenate(scores) if scores else np.empty(0)
        order = np.argsort(-joined, kind="stable")
        self._score = joined[order]
        self._window = np.concatenate(window)[order] if window else np.empty(0, np.int64)
        worth = np.concatenate([file.worth[file.live] for file in files])[order] if files else np.empty(0)
        self.windows = len(np.unique(self._window[self._window >= 0]))
        self.null = -profile.missed * self.windows
        self._raw = np.cumsum(self._gains(worth, profile)) + self.null
        self._last = np.append(np.diff(self._score) != 0.0, [True] * bool(order.size))

    def _gains(self, worth: Floats, profile: Profile) -> Floats:
        """What each alarm adds to those above it: in a window only what it is worth more than the best of them."""
        gains = np.where(self._window < 0, profile.false * worth, 0.0)
        best: dict[int, float] = {}
        for row in np.flatnonzero(self._window >= 0).tolist():
            number, value = int(self._window[row]), profile.met * float(worth[row])
            former = best.get(number, -profile.missed)
            if value > former:
                gains[row], best[number] = value - former, value
        return gains

    def best(self) -> tuple[float, float]:
        """The highest sum and its threshold; no alarm at all is a choice, too. A score of 0 is never an alarm."""
        raw = np.where(self._last & (self._score > 0.0), self._raw, -inf)
        if not raw.size or raw.max() <= self.null:
            return self.null, inf
        place = int(raw.argmax())
        return float(raw[place]), float(self._score[place])

    def at(self, threshold: float) -> float:
        """The sum when rows that score so much or more are alarms."""
        taken = self._taken(threshold)
        return float(self._raw[taken - 1]) if taken else self.null

    def counts(self, threshold: float, labelled: int) -> tuple[int, int, int]:
        """Windows met, windows there are, rows that are false alarms."""
        taken = self._window[: self._taken(threshold)]
        return len(np.unique(taken[taken >= 0])), labelled, int((taken < 0).sum())

    def _taken(self, threshold: float) -> int:
        return int((self._score >= threshold).sum())


def _sigmoid(place: Floats) -> Floats:
    """-1 is a window's first row, 0 its last; the further after it, the nearer to -1 is the worth."""
    found: Floats = 2.0 / (1.0 + np.exp(5.0 * np.minimum(place, FAR + 1.0))) - 1.0
    return np.where(place > FAR, -1.0, found)


def _row(at: Ints, second: int) -> int:
    """The first row at that second or after it; the number of rows when there is none."""
    later = at >= second
    return int(later.argmax()) if later.any() else at.size
