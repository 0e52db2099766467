"""How much room a million customers take in one process that detects: all shipped detectors, one journal partition.

A simulated shop of a thousand customers with stories of every kind is played up to each customer's first eight events,
then again under a thousand other names: the journal is made while it is read, and never held. No tick comes, so that
nobody is forgotten and every order is still on its way. What was touched is drained after each thousand, as a worker
hands it to Kafka, and sized on the way.

    python -m bench.million_customers        about three minutes of a processor; writes bench/results/
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.rows import Row
from desk.sources.shop import ALL_STORIES, Shop
from detectors.catalogue import all_detectors, watchers
from detectors.pipeline import Pipeline
from models.collecting import collect_rarely
from models.events.base import Event
from models.events.catalogue import decode_many, encode

RESULT = Path(__file__).parent / "results" / "million_customers.json"
COHORT, COHORTS, EVENTS = 1_000, 1_000, 8
NEAR = 128
GIB = 2**30
MOST_GIB, MOST_STATE = 6.0, 4_096
NAMED = b"c-0000"
"""How the names of the first thousand customers begin; the fifth to eighth sign tell the thousand."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes. `resident` is the most that the process ever held, its own start (`before`) included."""

    customers: int
    events: int
    before: int
    resident: int
    per_customer: float
    state_mean: float
    state_p99: int
    state_max: int
    cpu_s: float
    most_gib: float = MOST_GIB
    most_state: int = MOST_STATE

    @property
    def gib(self) -> float:
        """`resident` in GiB."""
        return self.resident / GIB


def first_events() -> list[bytes]:
    """Of each of a thousand customers, in time order, as the journal has them."""
    seen, kept = Counter[str](), list[bytes]()
    for event in Shop(customers=COHORT, stories=ALL_STORIES).events():
        seen[event.subject] += 1
        if seen[event.subject] <= EVENTS:
            kept.append(encode(event))
    return kept


def cohort(number: int, model: list[bytes]) -> Iterator[Event]:
    """The events of the thousand of this number."""
    names = b"c-%04d" % number
    for start in range(0, len(model), NEAR):
        yield from decode_many([raw.replace(NAMED, names) for raw in model[start : start + NEAR]])


def measured(cohorts: int = COHORTS) -> Room:
    """Play them all."""
    model, pipeline = first_events(), Pipeline([*all_detectors(), *watchers()], 0)
    collect_rarely()  # as a worker does
    before, began = _peak(), time.process_time()
    sizes, offset = Counter[int](), 0
    for number in range(cohorts):
        for event in cohort(number, model):
            pipeline.apply(event, offset)
            offset += 1
        outputs = pipeline.drain()
        assert not outputs.failures, outputs.failures[0]
        sizes.update(len(value) for _, value in outputs.states if value is not None)
    customers, resident = sizes.total(), _peak()
    return Room(
        customers=customers,
        events=offset,
        before=before,
        resident=resident,
        per_customer=(resident - before) / customers,
        state_mean=sum(size * count for size, count in sizes.items()) / customers,
        state_p99=_quantile(sizes, 0.99),
        state_max=max(sizes),
        cpu_s=time.process_time() - began,
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux tells KiB


def _quantile(sizes: Counter[int], share: float) -> int:
    left = int(sizes.total() * share)
    for size in sorted(sizes):
        left -= sizes[size]
        if left < 0:
            return size
    return max(sizes)


def rows() -> list[Row]:
    """Of the file that was written last."""
    found = msgspec.json.decode(RESULT.read_bytes(), type=Room)
    what = f"{found.customers:,} customers"
    return [
        Row(data="shop", what=what, measure="GiB", ours=found.gib, to_reach=found.most_gib, less=True),
        Row(data="shop", what=what, measure="state p99, KiB", ours=found.state_p99 / 1024,
            to_reach=found.most_state / 1024, less=True),
    ]  # fmt: skip


def main() -> int:
    """Print, write; exit code 1 when it takes more room than it may."""
    found = measured()
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    print(f"{found.customers:,} customers, {found.events:,} events, {found.cpu_s:.0f} s of a processor")
    print(
        f"resident at most {found.gib:.2f} GiB (asked for: {found.most_gib:g}), {found.before / GIB:.2f} of it before "
        f"the first event: {found.per_customer:,.0f} bytes per customer"
    )
    print(
        f"their states as bytes: mean {found.state_mean:.0f}, p99 {found.state_p99:,} (asked for: "
        f"{found.most_state:,}), max {found.state_max:,}"
    )
    return int(found.gib > found.most_gib or found.state_p99 > found.most_state)


if __name__ == "__main__":
    sys.exit(main())
