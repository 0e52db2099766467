"""What ten surprises say together: a geometric mean, so that many small ones count as much as one that is huge."""

from collections.abc import Mapping
from math import exp, log

from detectors.telemetry.senses import KINDS

SCALES = {
    "value": 0.3,
    "value_lasting": 2.0,
    "log_value": 0.2,
    "value_of_four": 0.4,
    "hour": 6.0,
    "log_hour": 6.0,
    "pattern": 5.0,
    "level": 5.0,
    "log_level": 4.0,
    "spread": 0.3,
}
"""What one row in 200 of a usual metric reaches: the median over many, rounded, found without any label of trouble.
A surprise of that size weighs 1; all weigh alike."""
CALM, MOST = 0.3, 50.0
"""What no surprise at all weighs, so that one sense that sees nothing does not silence all; the most that one may."""


def mixed(surprises: Mapping[str, float]) -> float:
    """The geometric mean of all surprises: `CALM` when nothing is to be seen, 1 and more when all agree."""
    return exp(sum(log(_weight(name, value)) for name, value in surprises.items()) / len(SCALES))


def by_kind(surprises: Mapping[str, float]) -> dict[str, float]:
    """What each kind of surprise adds to the logarithm of the mean."""
    return {
        kind: sum(log(_weight(name, surprises[name]) / CALM) for name in names) / len(SCALES)
        for kind, names in KINDS.items()
    }


def _weight(name: str, value: float) -> float:
    return CALM + min(value / SCALES[name], MOST)
