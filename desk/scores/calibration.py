"""Whether a probability means what it says."""

from math import nan

import msgspec
import numpy as np
import numpy.typing as npt

from desk.scores.ranking import Bools, Floats

BINS = 10


class Bin(msgspec.Struct, frozen=True):
    """Rows whose probability lies in one tenth: how many, what was said on average, what came true."""

    rows: int
    said: float
    true: float


def brier(trouble: Bools, probability: Floats, weights: Floats | None = None) -> float:
    """Mean squared distance between probability and outcome (Brier 1950); 0 is perfect, NaN without any row."""
    if not len(trouble):
        return nan
    return float(np.average((probability - trouble) ** 2, weights=weights))


def ece(trouble: Bools, probability: Floats, weights: Floats | None = None) -> float:
    """Expected calibration error in 10 equal-width bins (Naeini et al. 2015); NaN without any row."""
    if not len(trouble):
        return nan
    weighed = np.ones(len(trouble)) if weights is None else weights
    gaps = np.bincount(_bins(probability), weighed * (probability - trouble), BINS)
    return float(np.abs(gaps).sum() / weighed.sum())


def reliability(trouble: Bools, probability: Floats) -> list[Bin]:
    """The bins that hold any row, from low to high."""
    bins, found = _bins(probability), []
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            said, true = float(probability[inside].mean()), float(trouble[inside].mean())
            found.append(Bin(int(inside.sum()), said, true))
    return found


def _bins(probability: Floats) -> npt.NDArray[np.int64]:
    return np.clip((probability * BINS).astype(np.int64), 0, BINS - 1)
