"""From scores to probabilities that hold: slope and shift in logits, refitted on the newest labelled scores.

Platt scaling (Platt 1999): two numbers need few rows and never change the order of scores, where steps of an isotonic
fit make ties at the top. A snapshot carries it as knots, as it would any other rising curve.
"""

import numpy as np

from detectors.learning.snapshot import MOST_LOGIT
from detectors.learning.window import Floats

Knots = tuple[tuple[float, float], ...]

PRIOR = 5.0
"""So strongly slope 1 and shift 0 are believed in: squared distances count so much, beside the rows' log loss."""
_STEPS = 25
_GRID = np.concatenate(([-MOST_LOGIT, -12.0], np.arange(-8.0, 8.01, 0.25), [12.0, MOST_LOGIT]))


def fitted(scores: Floats, labels: Floats) -> tuple[float, float]:
    """Slope and shift by Newton's method; the slope is at least 0.05, so that order is kept."""
    slope, shift = 1.0, 0.0
    for _ in range(_STEPS):
        probability = sigmoid(slope * scores + shift)
        error, weight = probability - labels, probability * (1.0 - probability)
        gradient = np.array([error @ scores + PRIOR * (slope - 1.0), error.sum() + PRIOR * shift])
        cross = weight @ scores
        curvature = np.array([[weight @ scores**2 + PRIOR, cross], [cross, weight.sum() + PRIOR]])
        moved = np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        slope, shift = max(0.05, slope - float(moved[0])), shift - float(moved[1])
        if np.abs(moved).max() < 1e-9:
            break
    return slope, shift


def knots(slope: float, shift: float) -> Knots:
    """The curve as knots between -30 and 30: close where probability bends, rising in both columns."""
    inner = (_GRID - shift) / slope
    scores = np.concatenate(([-MOST_LOGIT], inner[(inner > -MOST_LOGIT) & (inner < MOST_LOGIT)], [MOST_LOGIT]))
    probabilities = sigmoid(slope * scores + shift)
    rising = np.concatenate(([True], np.diff(probabilities) > 0.0))
    return tuple(zip(scores[rising].tolist(), probabilities[rising].tolist(), strict=True))


def sigmoid(scores: Floats) -> Floats:
    """The logistic function."""
    values: Floats = 1.0 / (1.0 + np.exp(-np.clip(scores, -40.0, 40.0)))
    return values
