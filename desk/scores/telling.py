"""What telling would have been worth: who would have heard from us first, how long before, and who for nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

from desk.sources.source import Truth


class Telling(msgspec.Struct, frozen=True):
    """One row per object that could have had trouble. `lead_s` is NaN where nothing was told before it was felt."""

    trouble: npt.NDArray[np.bool_]
    told: npt.NDArray[np.bool_]
    lead_s: npt.NDArray[np.float64]

    def lead_time_median_s(self, weights: npt.NDArray[np.float64] | None = None) -> float:
        """Seconds from the opened issue to the moment the customer could know: the median of those told before it."""
        early = self.trouble & ~np.isnan(self.lead_s)
        if weights is None:
            return float(np.median(self.lead_s[early])) if early.any() else float("nan")
        leads = np.repeat(self.lead_s[early], weights[early].astype(np.int64))
        return float(np.median(leads)) if leads.size else float("nan")

    def known_first(self, weights: npt.NDArray[np.float64] | None = None) -> float:
        """Share of the troubled objects whose issue opened before the customer could know."""
        return _share(~np.isnan(self.lead_s), self.trouble, weights)

    def told_untroubled(self, weights: npt.NDArray[np.float64] | None = None) -> float:
        """Share of the objects with an issue that had no trouble."""
        return _share(~self.trouble, self.told, weights)


def telling(truths: Iterable[Truth], opened: Mapping[str, datetime]) -> Telling:
    """`opened`: object -> when its first issue opened. Only those that open before the trouble is felt come first."""
    trouble, told, leads = [], [], []
    for truth in truths:
        at = opened.get(truth.object)
        trouble.append(truth.trouble)
        told.append(at is not None)
        early = truth.trouble and at is not None and at < truth.felt_at
        leads.append((truth.felt_at - at).total_seconds() if early and at is not None else float("nan"))
    return Telling(np.array(trouble, np.bool_), np.array(told, np.bool_), np.array(leads, np.float64))


def by_window(found: Iterable[tuple[Truth, datetime | None]], false: int) -> Telling:
    """Each window of trouble with when it was first told of, if it was, and how many issues lie in no window.

    A window told of before its end came first; `told_untroubled` is then the share of issues that no window answers.
    """
    leads = [
        (truth.felt_at - at).total_seconds() if at is not None and at <= truth.felt_at else float("nan")
        for truth, at in found
    ]
    trouble = np.arange(len(leads) + false) < len(leads)
    lead_s = np.concatenate([np.array(leads, np.float64), np.full(false, np.nan)])
    return Telling(trouble, ~trouble | ~np.isnan(lead_s), lead_s)


def _share(hit: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64] | None) -> float:
    weighed = among.astype(np.float64) if weights is None else among * weights
    total = float(weighed.sum())
    return float((weighed * hit).sum()) / total if total > 0.0 else float("nan")
