"""Intervals by drawing the rows again (Efron 1979): the percentiles of what the draws give."""

from collections.abc import Callable, Sequence

import numpy as np

from desk.scores.ranking import Floats

REPEATS = 300
SEED = 20_130_208
"""Fixed, so that the same rows give the same intervals."""


def intervals(
    rows: int, scores: Callable[[Floats], Sequence[float]], repeats: int = REPEATS, seed: int = SEED
) -> list[tuple[float, float]]:
    """95 % intervals of several scores at once. `scores` takes how often each row was drawn.

    Rows are drawn one by one, with replacement; rows of one customer are taken as independent.
    """
    if not rows:
        return [(float("nan"), float("nan"))] * len(scores(np.empty(0)))
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(repeats):
        weights = np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(np.float64)
        drawn.append(scores(weights))
    table = np.array(drawn, np.float64).reshape(repeats, -1)
    found = []
    for column in table.T:
        real = column[~np.isnan(column)]
        low, high = np.percentile(real, [2.5, 97.5]).tolist() if real.size else (float("nan"), float("nan"))
        found.append((low, high))
    return found
