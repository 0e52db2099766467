"""Scores of a probability against what happened."""

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
BINS = 10


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """`brier` and `ece` (10 equal-width bins) only where the score is a probability."""

    rows: int
    prevalence: float
    ap: float
    auc: float
    brier: float | None = None
    ece: float | None = None


def score(trouble: Bools, ranking: Floats, probability: Floats | None = None) -> Scores:
    """Average precision and AUC of the ranking, calibration of the probability."""
    return Scores(
        rows=len(trouble), prevalence=float(trouble.mean()),
        ap=float(average_precision_score(trouble, ranking)), auc=float(roc_auc_score(trouble, ranking)),
        brier=None if probability is None else float(np.mean((probability - trouble) ** 2)),
        ece=None if probability is None else calibration_error(trouble, probability),
    )  # fmt: skip


class AtThreshold(msgspec.Struct, frozen=True, kw_only=True):
    """What a threshold that was set on earlier rows does on later ones. Shares."""

    threshold: float
    flagged: float
    precision: float
    recall: float


def threshold_for(probability: Floats, share: float) -> float:
    """The lowest threshold at or above which at most `share` of the rows lie; above all rows when there is none."""
    falling = -np.sort(-probability)
    values, first = np.unique(-falling, return_index=True)
    upto = np.append(first[1:], len(falling)) / len(falling)
    enough = np.flatnonzero(upto <= share)
    return float(-values[enough[-1]]) if len(enough) else float("inf")


def at_threshold(threshold: float, trouble: Bools, probability: Floats) -> AtThreshold:
    """Flag what lies at or above it."""
    flagged = probability >= threshold
    hits = int((flagged & trouble).sum())
    return AtThreshold(
        threshold=threshold, flagged=float(flagged.mean()),
        precision=hits / max(1, int(flagged.sum())), recall=hits / max(1, int(trouble.sum())),
    )  # fmt: skip


def calibration_error(trouble: Bools, probability: Floats) -> float:
    """Expected calibration error in 10 equal-width bins."""
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    gaps = np.bincount(bins, probability - trouble, BINS)
    return float(np.abs(gaps).sum() / len(trouble))
