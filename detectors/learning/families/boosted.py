"""Gradient boosting on histograms (Friedman 2001; Ke and others 2017), fitted anew now and then on a window of rows.

scikit-learn fits; what it found is taken over as arrays of numbers, and nothing of its objects is kept.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.learning.lesson import Boosted
from detectors.learning.snapshot import Trees
from detectors.learning.window import Floats, Values

BEYOND = 1e300
"""Stands for an infinite threshold (all known values go left): JSON has no infinity."""


def fit(settings: Boosted, values: Values, labels: Floats, seed: int) -> Trees:
    """Trees for these rows. Raises `ValueError` when all labels are the same."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # half a second, and only for who fits
    from threadpoolctl import threadpool_limits

    if len(np.unique(labels >= 0.5)) < 2:
        raise ValueError("boosting needs rows with trouble and rows without")
    model = HistGradientBoostingClassifier(
        learning_rate=settings.rate,
        max_iter=settings.rounds,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.least_in_leaf,
        max_features=settings.columns,
        l2_regularization=settings.l2,
        early_stopping=False,
        random_state=seed,
    )
    silent = np.isnan(values).all(axis=0)  # scikit-learn cannot bin a column of which nothing is known
    values = np.where(silent, np.float32(0.0), values)
    with threadpool_limits(limits=1, user_api="openmp"):  # the rest of the machine is somebody else's
        model.fit(values, labels >= 0.5)
    return trees_of(model)


def trees_of(model: Any) -> Trees:
    """A fitted binary `HistGradientBoostingClassifier` as arrays (scikit-learn 1.9, `TreePredictor.nodes`)."""
    nodes = [predictor[0].nodes for predictor in model._predictors]
    counts = [len(one) for one in nodes]
    roots = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(int)
    every = np.concatenate(nodes)
    begins = np.repeat(roots, counts)
    leaf = every["is_leaf"].astype(bool)
    return Trees(
        baseline=float(np.ravel(model._baseline_prediction)[0]),
        roots=roots.tolist(),
        feature=np.where(leaf, -1, every["feature_idx"]).astype(int).tolist(),
        threshold=np.where(leaf, 0.0, np.clip(every["num_threshold"], -BEYOND, BEYOND)).tolist(),
        left=np.where(leaf, 0, every["left"] + begins).astype(int).tolist(),
        right=np.where(leaf, 0, every["right"] + begins).astype(int).tolist(),
        missing_left=(every["missing_go_to_left"].astype(bool) & ~leaf).tolist(),
        value=_short(np.where(leaf, every["value"], 0.0)),
    )


def mean(fits: Sequence[Trees]) -> Trees:
    """One forest whose score is the mean of theirs: all their trees, one fit's behind the other's."""
    if len(fits) == 1:
        return fits[0]
    begins = np.cumsum([0] + [len(fit.feature) for fit in fits[:-1]]).tolist()
    feature = [column for fit in fits for column in fit.feature]

    def moved(places: Sequence[list[int]]) -> list[int]:
        return [place + begin for begin, some in zip(begins, places, strict=True) for place in some]

    def children(places: Sequence[list[int]]) -> list[int]:
        return [0 if column < 0 else child for column, child in zip(feature, moved(places), strict=True)]

    return Trees(
        baseline=sum(fit.baseline for fit in fits) / len(fits),
        roots=moved([fit.roots for fit in fits]),
        feature=feature,
        threshold=[threshold for fit in fits for threshold in fit.threshold],
        left=children([fit.left for fit in fits]),
        right=children([fit.right for fit in fits]),
        missing_left=[goes for fit in fits for goes in fit.missing_left],
        value=_short(np.concatenate([fit.value for fit in fits]) / len(fits)),
    )


def _short(values: Floats) -> list[float]:
    """In nine digits: a snapshot is text, and travels."""
    return [float(f"{value:.9g}") for value in values.tolist()]
