"""Fit the weights of `late_delivery` on the flights of January to September 2013: one logistic regression per phase.

The features are the detector's own, as its readings carry them through journal and context with 4 partitions. A flight
whose end was not known on 1 October is left out. Weights that `fit_features.may_be_negative` does not excuse are held
at zero or above, so that more trouble around never makes a score lower.

    python -m bench.fit_late_delivery            about 10 minutes; prints the table and what it scores in each phase
    python -m bench.fit_late_delivery --write    and writes detectors/orders/fitted_flights.py
"""

import sys
from array import array
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.detection_scores import Bools, Floats, score
from bench.fit_features import FEATURES, LOOKS, may_be_negative, segments
from bench.flight_signals import late_delivery, signals
from bench.logistic_fit import fit
from desk.sources.flights import Flights
from desk.sources.source import Truth
from models.signals import Signal

UNTIL = datetime(2013, 10, 1, 4, tzinfo=UTC)
VALIDATION = datetime(2013, 8, 1, 4, tzinfo=UTC)
L2 = 100.0
NOTHING = 0.005
"""A weight smaller than this is left out."""
HEAD = "Written by `bench/fit_late_delivery.py`: fitted on flights of January to September 2013."
CERTAIN = 60.0
TABLE = Path(__file__).parents[1] / "detectors" / "orders" / "fitted_flights.py"


class Rows:
    """The readings of one phase: features, and which flight."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._values, self._flights = array("f"), array("l")

    def add(self, flight: int, signal: Signal) -> None:
        """One reading; a feature that was not known is 0, as it is for the score."""
        self._values.extend(signal.features.get(name, 0.0) for name in self.names)
        self._flights.append(flight)

    @property
    def features(self) -> npt.NDArray[np.float32]:
        """One row per reading."""
        return np.frombuffer(self._values, np.float32).reshape(-1, len(self.names))

    @property
    def flights(self) -> npt.NDArray[np.int64]:
        """The flight of each reading."""
        return np.frombuffer(self._flights, np.int64)


def collect(flights: Flights, truths: list[Truth]) -> dict[str, Rows]:
    """The readings of every phase, made under weights of zero: they do not depend on them."""
    weights = {phase: dict.fromkeys(names, 0.0) for phase, names in FEATURES.items()}
    number = {truth.object: place for place, truth in enumerate(truths)}
    rows = {phase: Rows(names) for phase, names in FEATURES.items()}
    for signal in signals(flights, late_delivery({"weights": weights})):
        phase = LOOKS.get(signal.look)
        if phase is not None and abs(signal.score) < CERTAIN:
            # A step reached, or waited for, after the promise is read as overdue.
            rows["overdue" if "own.overdue" in signal.features else phase].add(number[signal.object], signal)
    return rows


def fitted(rows: Rows, trouble: Bools, chosen: Bools) -> tuple[Floats, float]:
    """Weights and bias of one phase from the chosen readings."""
    parts = segments(rows.names)
    free = np.array([may_be_negative(name) for name in rows.names])
    weights, bias = fit(rows.features[chosen] @ parts, trouble[chosen], free, L2)
    return parts.astype(np.float64) @ weights, bias


def main() -> None:
    """Fit, print, and write when asked."""
    flights = Flights(until=UNTIL)
    truths = list(flights.truth())
    trouble = np.array([truth.trouble for truth in truths])
    due = np.array([truth.felt_at.timestamp() for truth in truths])
    known = np.array([_known_at(truth) for truth in truths])
    table: dict[str, dict[str, float]] = {}
    for phase, rows in collect(flights, truths).items():
        labels, certain = trouble[rows.flights], known[rows.flights]
        weights, bias = fitted(rows, labels, certain < VALIDATION.timestamp())
        late: Bools = due[rows.flights] >= VALIDATION.timestamp()
        told = 1.0 / (1.0 + np.exp(-(rows.features[late] @ weights + bias)))
        print(f"{phase}: {len(labels)} readings; January-July -> August-September {score(labels[late], told, told)}")
        weights, bias = fitted(rows, labels, certain < UNTIL.timestamp())
        found = dict(zip(rows.names, weights.tolist(), strict=True))
        table[phase] = {"bias": bias} | {name: weight for name, weight in found.items() if abs(weight) >= NOTHING}
    text = as_python(table)
    print(text)
    if "--write" in sys.argv:
        TABLE.write_text(text)


def as_python(table: dict[str, dict[str, float]]) -> str:
    """The table as a module, formatted as ruff would."""
    lines = [f'"""{HEAD}"""', "", "WEIGHTS: dict[str, dict[str, float]] = {"]
    for phase, weights in table.items():
        lines += [
            f'    "{phase}": {{',
            *(f'        "{name}": {weight:.3f},' for name, weight in weights.items()),
            "    },",
        ]
    return "\n".join([*lines, "}", ""])


def _known_at(truth: Truth) -> float:
    """When it was certain what became of the flight."""
    if truth.cancelled:
        return truth.felt_at.timestamp() + 3600.0
    surely = truth.promised_by.timestamp() + 2700.0
    return min(surely, truth.ended_at.timestamp()) if truth.ended_at else surely


if __name__ == "__main__":
    main()
