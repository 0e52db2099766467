"""All scores of one detector on one question, with intervals, beside the null and the best simple rule."""

from collections.abc import Sequence

import msgspec
import numpy as np

from desk.scores.bootstrap import REPEATS, intervals
from desk.scores.calibration import brier, ece
from desk.scores.ranking import Bools, Floats, Ranking
from desk.scores.telling import Telling

RANKED = ("average_precision", "recall_at_10", "precision_at_10")
CALIBRATED = ("brier", "brier_skill", "ece")
TOLD = ("lead_time_median_s", "known_first", "told_untroubled")
NAMES = (*RANKED, *CALIBRATED, *TOLD)
"""The scores, everywhere in this order. Shares are between 0 and 1; what cannot be had is None."""


class Score(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval; None where there is none to have (no trouble, nobody told)."""

    value: float | None
    low: float | None = None
    high: float | None = None


Scores = dict[str, Score]


def ranked(trouble: Bools, score: Floats, repeats: int = REPEATS) -> Scores:
    """`average_precision`, `recall_at_10`, `precision_at_10`: how well the order of the rows is."""
    ranking = Ranking(trouble, score)

    def figures(weights: Floats | None) -> list[float]:
        return [ranking.average_precision(weights), *ranking.at_budget(weights)]

    return _with_intervals(RANKED, figures(None), intervals(len(trouble), figures, repeats))


def calibrated(trouble: Bools, probability: Floats, usual: float, repeats: int = REPEATS) -> Scores:
    """`brier`, `brier_skill` (1 - Brier / Brier of always saying `usual`), `ece`."""
    always = np.full(len(trouble), usual)

    def figures(weights: Floats | None) -> list[float]:
        own, null = brier(trouble, probability, weights), brier(trouble, always, weights)
        return [own, 1.0 - own / null if null > 0.0 else float("nan"), ece(trouble, probability, weights)]

    return _with_intervals(CALIBRATED, figures(None), intervals(len(trouble), figures, repeats))


def told(found: Telling, repeats: int = REPEATS) -> Scores:
    """`lead_time_median_s`, `known_first`, `told_untroubled`."""

    def figures(weights: Floats | None) -> list[float]:
        return [found.lead_time_median_s(weights), found.known_first(weights), found.told_untroubled(weights)]

    return _with_intervals(TOLD, figures(None), intervals(len(found.trouble), figures, repeats))


def plain(scores: Scores) -> dict[str, float | None]:
    """The values alone, under all names and no others."""
    return {name: scores[name].value if name in scores else None for name in NAMES}


def _with_intervals(names: Sequence[str], values: Sequence[float], found: Sequence[tuple[float, float]]) -> Scores:
    return {
        name: Score(_real(value), _real(low), _real(high))
        for name, value, (low, high) in zip(names, values, found, strict=True)
    }


def _real(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
