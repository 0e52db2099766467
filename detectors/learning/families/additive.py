"""Curves of each value under a logistic function, fitted anew now and then on a window of rows.

scikit-learn fits the weights of a basis of hats (linear B-splines with knots at quantiles; de Boor 1978); what it found
is taken over as knots and heights, and nothing of its objects is kept.
"""

import warnings

import numpy as np

from detectors.learning.curves import Curves, Level
from detectors.learning.lesson import Additive
from detectors.learning.window import Bools, Floats, Values

STEPS = 200
"""Of the solver, at most: what it finds after so many is good enough."""
DIGITS = 6
"""A height is told with so many: less than any two fits of the same rows could differ by."""
_FLAT = 1e-3
"""Added to the spread of a part of the basis: one that is hardly ever used does not become large by that."""


def fit(settings: Additive, names: tuple[str, ...], values: Values, labels: Floats) -> Curves:
    """Curves for these rows. Raises `ValueError` when all labels are the same."""
    by = names.index(settings.by) if settings.by else 0
    knots = [_knots(column, settings.quantiles) for column in values.T]
    if not settings.by:
        return Curves(knots=_lists(knots), levels=[_level(settings, 0.0, knots, values, labels)], by=by)
    nearest = np.abs(values[:, [by]] - np.array(settings.levels)).argmin(axis=1)  # an unknown one is at the first
    found = []
    for place, at in enumerate(settings.levels):
        found.append(_level(settings, at, knots, *_rows_at(values, labels, nearest == place)))
    return Curves(knots=_lists(knots), levels=found, by=by)


def _rows_at(values: Values, labels: Floats, here: Bools) -> tuple[Values, Floats]:
    """Those of a level; all rows where it has none with trouble, or none without."""
    both = len(np.unique(labels[here] >= 0.5)) == 2
    return (values[here], labels[here]) if both else (values, labels)


def _level(settings: Additive, at: float, knots: list[Floats], values: Values, labels: Floats) -> Level:
    from sklearn.exceptions import ConvergenceWarning  # half a second, and only for who fits
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    if len(np.unique(labels >= 0.5)) < 2:
        raise ValueError("curves need rows with trouble and rows without")
    basis = np.concatenate([_hats(column, places) for column, places in zip(values.T, knots, strict=True)], axis=1)
    spread = basis.std(axis=0) + np.float32(_FLAT)
    basis /= spread
    model = LogisticRegression(C=1.0 / settings.l2, max_iter=STEPS)
    with threadpool_limits(limits=1), warnings.catch_warnings():  # the rest of the machine is somebody else's
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(basis, labels >= 0.5)
    weights = np.split(model.coef_[0] / spread, np.cumsum([len(places) or 1 for places in knots])[:-1])
    return Level(
        at=at,
        bias=_told(model.intercept_[0]),
        heights=[
            [0.0, *map(_told, one[:-1])] if len(places) else [] for one, places in zip(weights, knots, strict=True)
        ],
        missing=[_told(one[-1]) for one in weights],
    )


def _knots(column: Values, quantiles: tuple[float, ...]) -> Floats:
    """Where the curve of a value may bend; none of one that is never known, or always the same."""
    known = column[~np.isnan(column)]
    if not len(known):
        return np.empty(0)
    places = np.unique(np.quantile(known.astype(float), quantiles))
    return places if len(places) > 1 else np.empty(0)


def _hats(column: Values, knots: Floats) -> Values:
    """A row per value: how near it is to each knot but the first, from 0 to 1; in the last place, whether unknown."""
    unknown = np.isnan(column)
    basis = np.zeros((len(column), max(len(knots), 1)), np.float32)
    basis[:, -1] = unknown
    if len(knots):
        known = np.clip(column[~unknown], knots[0], knots[-1])
        left = np.clip(np.searchsorted(knots, known, "right") - 1, 0, len(knots) - 2)
        part = (known - knots[left]) / (knots[left + 1] - knots[left])
        rows = np.flatnonzero(~unknown)
        basis[rows, left] = part  # place 0 is the knot after the first
        inner = left > 0
        basis[rows[inner], left[inner] - 1] = 1.0 - part[inner]
    return basis


def _lists(knots: list[Floats]) -> list[list[float]]:
    return [places.tolist() for places in knots]


def _told(height: float) -> float:
    return float(f"{height:.{DIGITS}g}")
