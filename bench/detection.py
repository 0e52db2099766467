"""How well `late_delivery` foretells a troubled flight 3 h and 1 h before departure: October to December 2013.

Trouble: cancelled, diverted, or 45 minutes late on arrival. The detector's weights were fitted on January to September
(`bench/fit_late_delivery.py`); here nothing is fitted. Its readings come through journal and context with 4 partitions.
Beside it: the null (share of trouble until September) and the best single rule (share of late or cancelled departures
of the airport in the last two hours), on the same flights at the same instants.

    python -m bench.detection        about 8 minutes on two cores; writes bench/results/detection.json
"""

import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from bench.detection_scores import Bools, Floats, Scores, score
from bench.flight_signals import BEAT, LOOKS, PARTITIONS, late_delivery, readings
from desk.sources.flight_rule import late_share
from desk.sources.flight_tables import flight_table
from desk.sources.flights import TROUBLE_MIN, Flights

RESULT = Path(__file__).parent / "results" / "detection.json"
FIRST_TEST_MONTH = 10
REQUIRED_AP = {"3h": 0.26, "1h": 0.34}


class LookResult(msgspec.Struct, kw_only=True):
    """One look at the test flights. `missing`: flights without a reading, scored as the null scores them."""

    null: Scores
    best_rule: Scores
    late_delivery: Scores
    missing: int
    required_ap: float


class Result(msgspec.Struct, kw_only=True):
    """What the file holds."""

    test: str
    partitions: int
    beat_s: float
    seconds: float
    looks: dict[str, LookResult]


def main() -> int:
    """Run, print, write. Exit code 1 when a required figure is missed."""
    started = time.perf_counter()
    table = flight_table()
    trouble: Bools = table.arrived >= table.promised + TROUBLE_MIN
    test: Bools = table.month >= FIRST_TEST_MONTH
    found = readings(Flights(), late_delivery(), {look: [] for look in LOOKS})
    looks = {look: _judge(look, trouble, test, found[look].probability) for look in LOOKS}
    seconds = time.perf_counter() - started
    result = Result(
        test="flights of October to December 2013", partitions=PARTITIONS, beat_s=BEAT.total_seconds(),
        seconds=seconds, looks=looks,
    )  # fmt: skip
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    _print(result)
    return int(any(one.late_delivery.ap < one.required_ap for one in looks.values()))


def _judge(look: str, trouble: Bools, test: Bools, probability: Floats) -> LookResult:
    usual = float(trouble[~test].mean())
    null: Floats = np.full(int(test.sum()), usual)
    share = late_share(flight_table(), LOOKS[look])
    rule = np.where(np.isnan(share), np.nanmedian(share[~test]), share)[test]
    missing = np.isnan(probability)
    told = np.where(missing, usual, probability)[test]
    return LookResult(
        null=score(trouble[test], null, null), best_rule=score(trouble[test], rule),
        late_delivery=score(trouble[test], told, told), missing=int(missing[test].sum()), required_ap=REQUIRED_AP[look],
    )  # fmt: skip


def _print(result: Result) -> None:
    print(f"{result.test}, {result.partitions} partitions, {result.seconds:.0f} s")
    for look, one in result.looks.items():
        print(f"{look} before departure (average precision required: {one.required_ap}; no reading: {one.missing})")
        for name in ("null", "best_rule", "late_delivery"):
            scores: Scores = getattr(one, name)
            calibration = "" if scores.brier is None else f"  Brier {scores.brier:.3f}  ECE {scores.ece:.3f}"
            print(f"  {name:14} AP {scores.ap:.3f}  AUC {scores.auc:.3f}{calibration}")


if __name__ == "__main__":
    sys.exit(main())
