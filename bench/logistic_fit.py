"""Logistic regression whose weights may be held at zero or above: more trouble around never makes a score lower."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]


def fit(
    features: npt.NDArray[np.float32], trouble: npt.NDArray[np.bool_], free: npt.NDArray[np.bool_], l2: float
) -> tuple[Floats, float]:
    """Weights per raw feature, and the bias, of the L2-penalised maximum likelihood.

    The penalty is `l2 / 2 * |w|^2` on features scaled to unit variance, on the sum over all rows; the bias has none.
    Weights that are not `free` are 0 or more (L-BFGS-B, Byrd et al. 1995).
    """
    scale = features.std(axis=0, dtype=np.float64)
    scaled = features / np.where(scale > 0, scale, 1.0).astype(np.float32)
    aim = trouble.astype(np.float64)

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = np.clip(scaled @ weights[:-1].astype(np.float32) + weights[-1], -30.0, 30.0).astype(np.float64)
        probability = 1.0 / (1.0 + np.exp(-score))
        cost = float(np.sum(np.logaddexp(0.0, score) - aim * score) + l2 / 2 * np.sum(weights[:-1] ** 2))
        error = probability - aim
        slope = np.append(error.astype(np.float32) @ scaled + l2 * weights[:-1], error.sum())
        return cost / len(aim), slope / len(aim)

    bounds = [(None if one else 0.0, None) for one in free] + [(None, None)]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    weights: Floats = np.asarray(found.x[:-1] / np.where(scale > 0, scale, np.inf), np.float64)
    return weights, float(found.x[-1])
