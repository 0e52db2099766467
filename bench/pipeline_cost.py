"""What detection costs: microseconds per event and bytes per customer, all shipped detectors, one journal partition.

usage: python -m bench.pipeline_cost [shop|flights]...

The journal is made in memory first (events decoded, ticks and context included, four partitions), then one partition of
it is read again by a fresh pipeline, which is drained every 2,000 records: reading JSON and Kafka are not in the
figures, encoding the touched states is.
"""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time as cpu

import msgspec

from desk.offline import House, JournalPartition
from desk.sources.feed import feed
from desk.sources.flights import Flights
from desk.sources.shop import Shop
from desk.sources.source import Source
from detectors.catalogue import all_detectors
from detectors.pipeline import Pipeline
from models.collecting import collect_rarely
from models.events.base import Event
from models.events.catalogue import encode

PARTITIONS, ROUNDS, BATCH = 4, 3, 2_000
FED = ("order.", "payment.")


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Times in microseconds of processor time (the machine may be busy).

    `per_event_us`: everything, also ticks and what they wake, over the events that detectors listen to.
    """

    events: int
    records: dict[str, int]
    per_event_us: float
    by_type_us: dict[str, float]
    drain_us: float
    customers: int
    bytes_mean: float
    bytes_p99: int
    bytes_max: int


def journal_of(source: Source, beat: timedelta) -> list[Event]:
    """The records of journal partition 0."""
    kept: list[Event] = []

    class Kept(JournalPartition):
        def append(self, event: Event) -> None:
            kept.append(event)
            super().append(event)

    house = House(PARTITIONS)
    house._journal[0] = Kept(Pipeline(all_detectors(), 0), None)
    for _ in house.run(feed(source.events(), PARTITIONS, beat)):
        pass
    return kept


def run(journal: list[Event]) -> tuple[float, float, dict[bytes, int]]:
    """Seconds to apply, seconds to drain, and the largest state of each customer in bytes."""
    pipeline, sizes, draining = Pipeline(all_detectors(), 0), dict[bytes, int](), 0.0
    began = cpu()
    for start in range(0, len(journal), BATCH):
        for offset, event in enumerate(journal[start : start + BATCH], start):
            pipeline.apply(event, offset)
        paused = cpu()
        outputs = pipeline.drain()
        draining += cpu() - paused
        assert not outputs.failures, outputs.failures[0]
        for key, value in outputs.states:
            if value is not None and not key.startswith(b"\x00"):
                sizes[key] = max(sizes.get(key, 0), len(value))
        began += cpu() - paused  # the pause counts apart
    return cpu() - began, draining, sizes


def by_type(journal: list[Event]) -> dict[str, float]:
    """Microseconds of `apply` per record of each type; what a tick wakes counts as the tick's."""
    pipeline, spent, seen = Pipeline(all_detectors(), 0), Counter[str](), Counter[str]()
    for offset, event in enumerate(journal):
        began = cpu()
        pipeline.apply(event, offset)
        spent_s = cpu() - began
        spent[event.type_name()] += spent_s  # type: ignore[assignment]
        seen[event.type_name()] += 1
    return {name: spent[name] / seen[name] * 1e6 for name in sorted(seen)}


def cost(journal: list[Event]) -> Cost:
    """Medians of a few rounds."""
    records = Counter(event.type_name() for event in journal)
    events = sum(count for name, count in records.items() if name.startswith(FED))
    rounds = [run(journal) for _ in range(ROUNDS)]
    sizes = sorted(rounds[0][2].values())
    drain_us = median(draining for _, draining, _ in rounds) / events * 1e6
    return Cost(
        events=events,
        records=dict(records),
        per_event_us=median(applying for applying, _, _ in rounds) / events * 1e6 + drain_us,
        by_type_us=by_type(journal),
        drain_us=drain_us,
        customers=len(sizes),
        bytes_mean=sum(sizes) / len(sizes),
        bytes_p99=sizes[int(len(sizes) * 0.99)],
        bytes_max=sizes[-1],
    )


def journals(names: list[str]) -> dict[str, list[Event]]:
    """Two kinds of load."""
    since = datetime(2013, 2, 5, tzinfo=UTC)
    made = {
        "shop": lambda: journal_of(Shop(customers=8_000), timedelta(minutes=15)),
        "flights": lambda: journal_of(Flights(since, since + timedelta(days=5)), timedelta(minutes=5)),
    }
    return {name: made[name]() for name in names or list(made)}


def main() -> None:
    """Print a table."""
    made = journals(sys.argv[1:])
    collect_rarely()  # as a worker does; the journal in memory is the measurement's, not the pipeline's
    for name, journal in made.items():
        found = cost(journal)
        raw = sum(len(encode(event)) for event in journal) / len(journal)
        print(
            f"{name}: {len(journal)} records of {raw:.0f} bytes, {found.events} of them events of orders and payments"
        )
        print(f"  {found.per_event_us:.1f} us per event, all in; {found.drain_us:.1f} of it writes states")
        for kind, spent in found.by_type_us.items():
            print(f"  {kind:28} {found.records[kind]:8}  {spent:6.1f} us each")
        print(
            f"  states: {found.customers} customers, bytes mean {found.bytes_mean:.0f}, p99 {found.bytes_p99}, "
            f"max {found.bytes_max}"
        )


if __name__ == "__main__":
    main()
