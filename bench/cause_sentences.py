"""Whether it is so when a customer reads that many others are affected: flights, 1 January to 19 February 2013.

Each time that evidence is written for an order of an open cause, what is said of the cause is compared with what came:
the share in trouble of the flights it is about that were to leave from an hour before until three hours after (usual:
0.14). Said of every open cause, and only of those that `detectors/orders/shared_cause.py` says something of.

    python -m bench.cause_sentences        about a minute of a core; writes bench/results/cause_sentences.json
"""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
import numpy.typing as npt

from beforehand.failures import told_plainly
from bench.cause_words import PARTITIONS, Listening
from bench.flight_signals import BEAT, TAIL, late_delivery
from desk.sources.feed import feed
from desk.sources.flight_tables import FlightTable, flight_table
from desk.sources.flights import TROUBLE_MIN, Flights
from models.issues import Issue

RESULT = Path(__file__).parent / "results" / "cause_sentences.json"
SINCE, UNTIL = datetime(2013, 1, 1, 5, tzinfo=UTC), datetime(2013, 2, 20, 5, tzinfo=UTC)
BEFORE_MIN, AFTER_MIN = 60, 180
MANY = 0.25


class Said(msgspec.Struct, kw_only=True):
    """`many`: how often at least a quarter of the flights that the sentence is about came to be in trouble."""

    sentences: int
    many: float
    median_share: float


class Truth:
    """What came of flights that share something."""

    def __init__(self, table: FlightTable) -> None:
        self._due = table.due
        self._trouble = table.arrived >= table.promised + TROUBLE_MIN
        pairs = [f"{origin}-{carrier}" for origin, carrier in zip(table.origin, table.carrier, strict=True)]
        columns = {"airport": table.origin, "carrier": table.carrier, "airport_carrier": pairs}
        self._columns: dict[str, npt.NDArray[np.str_]] = {kind: np.array(names) for kind, names in columns.items()}

    def share(self, entities: Mapping[str, str], at: datetime) -> float | None:
        """Of the flights around `at`; None when there were none."""
        minute = int(at.timestamp() // 60)
        first, last = np.searchsorted(self._due, [minute - BEFORE_MIN, minute + AFTER_MIN]).tolist()
        meant = np.ones(last - first, dtype=bool)
        for kind, name in entities.items():
            meant &= self._columns[kind][first:last] == name
        return float(self._trouble[first:last][meant].mean()) if meant.any() else None


def measured() -> dict[str, Said]:
    """Of all open causes, and of those that something is said of."""
    issues: list[Issue] = []
    flights, detector = Flights(SINCE, UNTIL), late_delivery()
    with Listening([detector]) as house:
        for outputs in house.run(feed(flights.events(), PARTITIONS, BEAT, topics=detector.clock, tail=TAIL)):
            issues += [issue for issue in outputs.issues if issue.cause]
    about, truth = {word.subject: word.data.entities for word in house.words}, Truth(flight_table())
    shares = [(truth.share(about[issue.cause], issue.at), "cause" in issue.evidence.facts) for issue in issues]
    told = {"all open causes": [share for share, _ in shares], "as shipped": [share for share, said in shares if said]}
    return {name: _said([share for share in found if share is not None]) for name, found in told.items()}


def _said(shares: list[float]) -> Said:
    return Said(
        sentences=len(shares), many=sum(share >= MANY for share in shares) / len(shares), median_share=median(shares)
    )


def main() -> int:
    """Run, print, write."""
    found = measured()
    for name, one in found.items():
        print(
            f"{name:16} {one.sentences:,} sentences, {one.many:.2f} of them while a quarter or more were in trouble, "
            f"median share {one.median_share:.2f}"
        )
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return 0


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
