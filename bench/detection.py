"""How well `late_delivery` foretells a troubled flight 3 h and 1 h before departure: October to December 2013.

Trouble: cancelled, diverted, or 45 minutes late on arrival. One pass over the whole year with 4 partitions: what is
frozen at a look meets its label once that is certain, `learn` fits, and what it learned comes back through the journal.
Until its first snapshot the shipped weights speak (fitted on January to September, `bench/fit_late_delivery.py`); on
the flights counted here a snapshot always does. The lesson's settings were chosen on January to July against August and
September. Beside it, on the same flights at the same instants: the null (share of trouble until September), the best
single rule (share of late or cancelled departures of the airport in the last two hours), and the references (given, not
measured here).

    python -m bench.detection        about 25 minutes of a core; writes bench/results/detection.json
"""

import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from beforehand.failures import told_plainly
from bench.detection_scores import AtThreshold, Bools, Floats, Scores, at_threshold, score, threshold_for
from bench.flight_signals import BEAT, LOOKS, PARTITIONS, late_delivery, readings
from bench.rows import Row, printed
from desk.sources.flight_rule import late_share
from desk.sources.flight_tables import flight_table
from desk.sources.flights import TROUBLE_MIN, Flights

RESULT = Path(__file__).parent / "results" / "detection.json"
FIRST_TEST_MONTH = 10
THRESHOLD_MONTHS = (8, 9)
"""The threshold is the lowest at which no larger share was flagged then than may be flagged."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What a look has to reach, and the references at that look: average precision by name."""

    ap: float
    moonshot: float
    flagged: float
    precision: float
    recall: float
    references: dict[str, float]


GOALS = {
    "3h": Goal(
        ap=0.425, moonshot=0.45, flagged=0.069, precision=0.49, recall=0.31,
        references={"online linear": 0.383, "batch boosting": 0.430, "weekly boosting": 0.429, "their mean": 0.416},
    ),
    "1h": Goal(
        ap=0.465, moonshot=0.49, flagged=0.056, precision=0.60, recall=0.31,
        references={"online linear": 0.443, "batch boosting": 0.472, "weekly boosting": 0.468, "their mean": 0.463},
    ),
}  # fmt: skip
MOST_ECE, MOONSHOT_ECE = 0.02, 0.01


class LookResult(msgspec.Struct, kw_only=True):
    """One look at the test flights. `missing`: flights without a reading, scored as the null scores them."""

    null: Scores
    best_rule: Scores
    late_delivery: Scores
    told: AtThreshold
    brier_skill: float
    missing: int
    references: dict[str, float]


class Result(msgspec.Struct, kw_only=True):
    """What the file holds."""

    test: str
    partitions: int
    beat_s: float
    seconds: float
    looks: dict[str, LookResult]


def main() -> int:
    """Run, print, write. Exit code 1 when a required figure is missed."""
    started = time.process_time()
    table = flight_table()
    trouble: Bools = table.arrived >= table.promised + TROUBLE_MIN
    found = readings(Flights(in_full=True), late_delivery(), {look: [] for look in LOOKS})
    looks = {look: _judge(look, trouble, found[look].probability) for look in LOOKS}
    result = Result(
        test="flights of October to December 2013", partitions=PARTITIONS, beat_s=BEAT.total_seconds(),
        seconds=time.process_time() - started, looks=looks,
    )  # fmt: skip
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    print(f"{result.test}, {result.partitions} partitions, {result.seconds:.0f} s")
    for look, one in looks.items():
        rare = f"no reading: {one.missing}, flagged {one.told.flagged:.3f} of at most {GOALS[look].flagged}"
        print(f"{look}: {rare}; references: {', '.join(f'{name} {ap}' for name, ap in one.references.items())}")
    print(printed(rows()))
    return int(not all(row.holds for row in rows()))


def rows() -> list[Row]:
    """The figures of the file that was written last."""
    result = msgspec.json.decode(RESULT.read_bytes(), type=Result)
    return [row for look, one in result.looks.items() for row in _rows(look, one)]


def _rows(look: str, one: LookResult) -> list[Row]:
    goal, ours, told = GOALS[look], one.late_delivery, one.told
    what = f"trouble {look} before departure"
    return [
        Row(
            data="flights", what=what, measure="average precision", ours=ours.ap, null=one.null.ap,
            rule=one.best_rule.ap, reference=goal.references["batch boosting"], reference_name="batch boosting",
            to_reach=goal.ap, moonshot=goal.moonshot,
        ),
        Row(data="flights", what=what, measure="flagged, threshold of Aug-Sep", ours=told.flagged,
            to_reach=goal.flagged, less=True),
        Row(data="flights", what=what, measure="its precision", ours=told.precision, to_reach=goal.precision),
        Row(data="flights", what=what, measure="its recall", ours=told.recall, to_reach=goal.recall),
        Row(data="flights", what=what, measure="calibration error", ours=ours.ece, null=one.null.ece,
            to_reach=MOST_ECE, moonshot=MOONSHOT_ECE, less=True),
        Row(data="flights", what=what, measure="Brier skill", ours=one.brier_skill, null=0.0, to_reach=0.0),
    ]  # fmt: skip


def _judge(look: str, trouble: Bools, probability: Floats) -> LookResult:
    months = flight_table().month
    test: Bools = months >= FIRST_TEST_MONTH
    earlier: Bools = np.isin(months, THRESHOLD_MONTHS)
    usual = float(trouble[~test].mean())
    null: Floats = np.full(int(test.sum()), usual)
    share = late_share(flight_table(), LOOKS[look])
    rule = np.where(np.isnan(share), np.nanmedian(share[~test]), share)[test]
    missing = np.isnan(probability)
    told = np.where(missing, usual, probability)
    threshold = threshold_for(told[earlier], GOALS[look].flagged)
    ours, nothing = score(trouble[test], told[test], told[test]), score(trouble[test], null, null)
    assert ours.brier is not None and nothing.brier is not None
    return LookResult(
        null=nothing, best_rule=score(trouble[test], rule), late_delivery=ours,
        told=at_threshold(threshold, trouble[test], told[test]),
        brier_skill=1.0 - ours.brier / nothing.brier, missing=int(missing[test].sum()),
        references=GOALS[look].references,
    )  # fmt: skip


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
