"""Which features each phase of `late_delivery` is fitted with, and how a weight may turn out.

Chosen on January to July against August and September; names as in `detectors/orders/terms.py`.
"""

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_OTHERS = [
    "airport.late_min/1h", "airport.slow/30min", "airport.cancelled/3h", "carrier.slow/30min", "carrier.cancelled/3h",
    "airport_carrier.delivered_late/3h", "airport_carrier.delivered_late/14d", "airport_hour.delivered_late/14d",
]  # fmt: skip
_WEATHER = [
    "airport.temperature_f<34", "airport.temperature_f>75", "airport.dew_point_f>50", "airport.humidity_pct>60",
    "airport.humidity_pct>85", "airport.wind_mph>10", "airport.visibility_mi<10",
]  # fmt: skip
_AHEAD = [*_OTHERS, *_WEATHER]

FEATURES: dict[str, list[str]] = {
    "distant": _AHEAD,
    "far": _AHEAD,
    "near": _AHEAD,
    "moving": ["own.late", "airport.late_min/1h", "airport_carrier.delivered_late/14d", "airport.visibility_mi<10"],
    "waiting": [
        "own.waiting", "airport.slow/30min", "airport.cancelled/3h", "carrier.cancelled/3h", "airport.visibility_mi<10",
    ],
    "overdue": ["own.late", "own.waiting", "own.overdue", "airport.late_min/1h"],
}  # fmt: skip
LOOKS = {"6h": "distant", "3h": "far", "1h": "near", "departed": "moving", "waiting": "waiting", "overdue": "overdue"}
"""The readings a phase is fitted on."""

_CLIMATE = ("temperature", "dew_point", "humidity")
_HINGE = re.compile(r"(?P<measure>.+)(?P<side>[<>])(?P<limit>-?[\d.]+)")


def may_be_negative(name: str) -> bool:
    """Climate has no bad direction; all else only adds.

    A negative weight for what was usual over two weeks would gain .016 of average precision 3 h before, and .011 1 h
    before, as a season's level. It is not allowed: while the record is young, what is usual is what is happening now.
    """
    return any(one in name for one in _CLIMATE)


def segments(names: list[str]) -> npt.NDArray[np.float32]:
    """A matrix from features to what is fitted: of several hinges on one side of a measure, the parts between them.

    So the slope in each part is held at zero or above, though the weight of a further hinge may be negative.
    """
    matrix = np.eye(len(names), dtype=np.float32)
    sides: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for place, name in enumerate(names):
        if (hinge := _HINGE.fullmatch(name)) is not None:
            outward = float(hinge["limit"]) * (1 if hinge["side"] == ">" else -1)
            sides.setdefault((hinge["measure"], hinge["side"]), []).append((outward, place))
    for hinges in sides.values():
        for nearer, further in pairwise([place for _, place in sorted(hinges)]):
            matrix[further, nearer] = -1.0
    return matrix
