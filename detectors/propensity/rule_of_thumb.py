"""P(complaint) before anything was learned: four things that annoy anybody, in logits, set by hand."""

from math import isnan

from detectors.propensity.complaint_features import NAMES

BIAS, LATE, NEVER_SENT, PER_ITEM, PER_SELLER = -2.4, 3.0, 1.5, 0.7, 0.8
MOST = 3.0
_LATE, _MOVED, _ITEMS, _SELLERS = (NAMES.index(name) for name in ("late", "moved_after_d", "items", "sellers"))


def rule_of_thumb(values: tuple[float, ...]) -> float:
    """A score in logits; what is unknown counts as usual."""
    score = BIAS
    if values[_LATE]:
        score += LATE + (NEVER_SENT if isnan(values[_MOVED]) else 0.0)
    for place, weight in ((_ITEMS, PER_ITEM), (_SELLERS, PER_SELLER)):
        more = values[place] - 1.0
        if more > 0.0:
            score += weight * min(more, MOST)
    return score
