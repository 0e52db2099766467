"""How good was what the snapshots said of examples before these were learned (progressive validation)."""

import numpy as np

from detectors.learning.window import Floats

BINS = 10
_LEAST = 1e-6


def metrics(labels: Floats, probability: Floats) -> dict[str, float]:
    """Figures by name; none of no rows. `average_precision` only when there is any trouble."""
    if not len(labels):
        return {}
    found = {
        "rows": float(len(labels)),
        "base_rate": float(labels.mean()),
        "mean_probability": float(probability.mean()),
        "log_loss": log_loss(labels, probability),
        "brier": brier(labels, probability),
        "ece": ece(labels, probability),
    }
    if labels.any():
        found["average_precision"] = average_precision(labels, probability)
    return found


def log_loss(labels: Floats, probability: Floats) -> float:
    """Mean of minus the logarithm of the probability of what came true, in nats."""
    certain = np.clip(probability, _LEAST, 1.0 - _LEAST)
    return float(-np.mean(labels * np.log(certain) + (1.0 - labels) * np.log(1.0 - certain)))


def brier(labels: Floats, probability: Floats) -> float:
    """Mean squared distance between probability and label (Brier 1950)."""
    return float(np.mean((probability - labels) ** 2))


def ece(labels: Floats, probability: Floats) -> float:
    """Expected calibration error in 10 equal-width bins (Naeini and others 2015)."""
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    return float(np.abs(np.bincount(bins, probability - labels, BINS)).sum() / len(labels))


def average_precision(labels: Floats, score: Floats) -> float:
    """Area under precision against recall, by steps; equal scores count together. There must be some trouble."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    caught = np.cumsum(labels[order])[ends]
    return float(np.sum(np.diff(caught, prepend=0.0) * caught / (ends + 1)) / caught[-1])
