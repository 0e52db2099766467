"""Whether trouble ranks above calm. Rows may weigh 0, 1, 2 ... times, as a bootstrap draws them."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
TOP = 0.1
"""The budget of `recall_at_10` and `precision_at_10`: so many of the rows may be told."""


class Ranking:
    """Rows by falling score; equal scores stand together, so that their order in the input changes nothing."""

    def __init__(self, trouble: Bools, score: Floats) -> None:
        self._order = np.argsort(-score, kind="stable")
        falling = score[self._order]
        self._ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        self._trouble = trouble[self._order].astype(np.float64)

    def average_precision(self, weights: Floats | None = None) -> float:
        """Area under precision against recall, by steps, as scikit-learn has it. NaN without any trouble."""
        caught, told = self._cumulated(weights)
        if caught.size == 0 or caught[-1] == 0.0:
            return float("nan")
        precision = np.divide(caught, told, out=np.zeros_like(caught), where=told > 0.0)
        return float(np.sum(np.diff(caught, prepend=0.0) * precision) / caught[-1])

    def at_budget(self, weights: Floats | None = None, share: float = TOP) -> tuple[float, float]:
        """Recall and precision among the highest `share` of the rows; NaN without any trouble or row.

        Of equal scores across the edge an even part counts: what to expect when they are drawn by lot.
        """
        caught, told = self._cumulated(weights)
        if caught.size == 0 or caught[-1] == 0.0:
            return float("nan"), float("nan")
        budget = told[-1] * share
        found = float(np.interp(budget, np.append(0.0, told), np.append(0.0, caught)))
        return found / float(caught[-1]), found / budget

    def curve(self, shares: Floats) -> Floats:
        """Recall at each share of the rows that may be told."""
        return np.array([self.at_budget(share=float(share))[0] if share > 0.0 else 0.0 for share in shares])

    def _cumulated(self, weights: Floats | None) -> tuple[Floats, Floats]:
        """Troubled and all rows at or above each distinct score."""
        if not len(self._order):
            return np.empty(0), np.empty(0)
        weighed = np.ones(len(self._order)) if weights is None else weights[self._order]
        return np.cumsum(weighed * self._trouble)[self._ends], np.cumsum(weighed)[self._ends]
