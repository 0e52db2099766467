"""All readings of `late_delivery` on a year of flights, through journal and context with several partitions.

The feed's beat is one minute, like the timetable's: a reading due at 12:03 knows what was known at 12:03, and of
context what had been observed a minute before. Only the topics that are the detector's clock get progress: the other
ticks would change nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from desk.offline import House
from desk.sources.feed import feed
from desk.sources.flights import Flights
from desk.sources.source import Truth
from detectors.catalogue import all_detectors
from detectors.detector import Detector
from models.signals import Signal

DETECTOR = "late_delivery"
PARTITIONS = 4
BEAT = timedelta(minutes=1)
TAIL = timedelta(hours=12)
LOOKS = {"3h": 180, "1h": 60}
"""Name of the look, and minutes before the scheduled departure."""


class Readings(msgspec.Struct):
    """One look at every flight: a row per flight of `Flights.truth()`. Rows without a reading are NaN."""

    names: list[str]
    features: npt.NDArray[np.float32]
    probability: npt.NDArray[np.float64]


def late_delivery(params: Mapping[str, Any] | None = None) -> Detector[Any, Any]:
    """The detector alone, as shipped or under other parameters."""
    found = all_detectors({DETECTOR: dict(params or {})})
    return next(detector for detector in found if detector.name == DETECTOR)


def signals(flights: Flights, detector: Detector[Any, Any]) -> Iterator[Signal]:
    """Every reading in the order it was made."""
    sent = feed(flights.events(), PARTITIONS, BEAT, topics=detector.clock, tail=TAIL)
    with House(PARTITIONS, detectors=[detector], keep_signals=True) as house:
        for outputs in house.run(sent):
            yield from outputs.signals


def readings(flights: Flights, detector: Detector[Any, Any], features: Mapping[str, list[str]]) -> dict[str, Readings]:
    """The looks named in `features`, with those features; one that was not known is 0, as it is for the score.

    Raises ValueError when a reading was made before its instant.
    """
    truths = list(flights.truth())
    row_of = {truth.object: row for row, truth in enumerate(truths)}
    tables = {look: _empty(len(truths), names) for look, names in features.items()}
    for signal in signals(flights, detector):
        if (table := tables.get(signal.look)) is not None:
            row = row_of[signal.object]
            check_instant(signal, truths[row])
            table.features[row] = [signal.features.get(name, 0.0) for name in table.names]
            table.probability[row] = signal.probability
    return tables


def check_instant(signal: Signal, truth: Truth) -> None:
    """The look's name must say when it was made: not before its instant, and by an alarm."""
    due: datetime = truth.felt_at - timedelta(minutes=LOOKS[signal.look])
    if signal.at < due:
        raise ValueError(f"{signal.object}: look {signal.look} made at {signal.at}, before {due}")


def _empty(rows: int, names: list[str]) -> Readings:
    return Readings(names, np.full((rows, len(names)), np.nan, np.float32), np.full(rows, np.nan))
