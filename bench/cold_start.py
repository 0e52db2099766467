"""What it is worth that the new borrows from its peers: orders of new sellers, on real orders (Olist).

The same history three times through journal, detection, context and learning with 4 partitions; each time everything is
learned anew. `shrunk` is what ships: a new seller or lane is taken for its state's, a new state for its shop's, and the
own cases weigh more the more there are. `own` takes every entity by its own cases alone, and for unknown without any;
`all` takes every entity for the shop. Rows, instants and split are those of `bench.olist`; nothing was chosen here.

    python -m bench.cold_start    7 minutes of a core; needs recorded data; writes bench/results/cold_start.json
"""

import sys
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from beforehand.failures import told_plainly
from bench.rows import Row
from desk.evaluation import Judged, evaluate
from desk.scores.bootstrap import intervals
from desk.scores.calibration import brier
from desk.scores.ranking import Bools, Floats, Ranking
from desk.sources.histories import opened
from desk.sources.olist_questions import KNOWN, NEW
from detectors.catalogue import all_detectors

RESULT = Path(__file__).parent / "results" / "cold_start.json"
PARTITIONS = 4
DETECTORS = ("late_delivery", "will_complain")
WAYS: tuple[Literal["shrunk", "own", "all"], ...] = ("shrunk", "own", "all")
SHRUNK = WAYS[0]
SEGMENTS = {NEW: "new", KNOWN: "known"}
REPEATS = 400


class Figure(msgspec.Struct, frozen=True):
    """Of the rows of a segment."""

    average_precision: float
    brier: float


class Gain(msgspec.Struct, frozen=True):
    """By how much shrinkage is better than another way on the same rows: its value, and a 95 % interval of it.

    `brier` is the other's Brier score less ours: above zero is better, as with `average_precision`.
    """

    average_precision: tuple[float, float, float]
    brier: tuple[float, float, float]


class Asked(msgspec.Struct, frozen=True):
    """One question and segment of sellers: `figures` by way, `gains` over each other way."""

    rows: int
    trouble: float
    figures: dict[str, Figure]
    gains: dict[str, Gain]


def main() -> int:
    """Play three times, print, write. Exit code 1 when a reading failed."""
    chosen = [one for one in all_detectors() if one.name in DETECTORS]
    judged: dict[str, dict[str, Judged]] = {}
    failures = 0
    for way in WAYS:
        found = evaluate(opened("olist"), chosen, partitions=PARTITIONS, repeats=2, peers=way)
        judged[way] = {one.question.name: one for one in found.judged}
        failures += found.failures
    result = {
        name: {segment: _asked({way: judged[way][name] for way in judged}, full) for full, segment in SEGMENTS.items()}
        for name in judged[SHRUNK]
    }
    _print(result)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    return int(failures > 0)


def rows() -> list[Row]:
    """Of the file that was written last, for the table of all figures: the reference is `own`, the rule `all`."""
    found = msgspec.json.decode(RESULT.read_bytes(), type=dict[str, dict[str, Asked]])
    given: list[Row] = []
    for name, asked in found.items():
        ours, own, everybody = (asked["new"].figures[way] for way in WAYS)
        what, beside = f"{name}, new sellers", "by its own cases alone"
        given += [
            Row(
                data="olist", what=what, measure="average_precision", ours=ours.average_precision,
                rule=everybody.average_precision, reference=own.average_precision, reference_name=beside,
            ),
            Row(
                data="olist", what=what, measure="brier", ours=ours.brier, rule=everybody.brier, reference=own.brier,
                reference_name=beside, less=True,
            ),
        ]  # fmt: skip
    return given


def _asked(ways: dict[str, Judged], segment: str) -> Asked:
    first = ways[SHRUNK]
    inside: Bools = np.array([ask.segment["seller"] == segment for ask in first.question.asks], np.bool_)
    trouble = first.trouble[inside]
    said = {way: one.probability[inside] for way, one in ways.items()}
    figures = {
        way: Figure(Ranking(trouble, one).average_precision(), brier(trouble, one, None)) for way, one in said.items()
    }
    gains = {way: _gain(trouble, said[SHRUNK], one) for way, one in said.items() if way != SHRUNK}
    return Asked(len(trouble), float(trouble.mean()), figures, gains)


def _gain(trouble: Bools, ours: Floats, theirs: Floats) -> Gain:
    """Paired: both are judged on the same rows drawn again."""
    own, other = Ranking(trouble, ours), Ranking(trouble, theirs)

    def better(weights: Floats | None) -> list[float]:
        return [
            own.average_precision(weights) - other.average_precision(weights),
            brier(trouble, theirs, weights) - brier(trouble, ours, weights),
        ]

    (precise, exact), bounds = better(None), intervals(len(trouble), better, REPEATS)
    return Gain((precise, *bounds[0]), (exact, *bounds[1]))


def _print(result: dict[str, dict[str, Asked]]) -> None:
    for name, segments in result.items():
        for segment, asked in segments.items():
            print(f"\n{name}, {segment} sellers: {asked.rows} rows, {asked.trouble:.3f} in trouble")
            for way, figure in asked.figures.items():
                gain = asked.gains.get(way)
                more = "" if gain is None else f"   shrinkage gains AP {_spoken(gain.average_precision)}"
                more += "" if gain is None else f", Brier {_spoken(gain.brier)}"
                print(f"  {way:8} AP {figure.average_precision:.3f}  Brier {figure.brier:.4f}{more}")


def _spoken(found: tuple[float, float, float]) -> str:
    return f"{found[0]:+.4f} [{found[1]:+.4f} {found[2]:+.4f}]"


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
