"""The topics that the contenders read, filled before the first of them runs."""

from collections.abc import Iterator
from pathlib import Path

from bench.speed import topics
from bench.speed.journal import Journal, record
from bench.speed.plan import CUSTOMERS, MANY, Sizes
from bench.speed.toy import ENCODE, EVERY, toy_events
from models.partitions import partition_of
from streams.topics import JOURNAL, table

TIMES_SEEN = 2 * EVERY
"""How often the small topic has each customer: about one record in ten is an output, as in the large one."""


def fill_all(kafka: str, sizes: Sizes, folder: Path) -> tuple[dict[str, topics.Source], Journal]:
    """All sources, and the journal that one of them holds."""
    topics.make(kafka, ["toy", "toy-200k", "toy-slow", "toy-slowest"])
    topics.make_all(kafka, table(topics.PARTITIONS))
    amounts = {
        "toy": (sizes.toy, CUSTOMERS), "toy-200k": (sizes.many, MANY), "toy-slow": (sizes.slow, CUSTOMERS),
        "toy-slowest": (sizes.slowest, sizes.slowest // TIMES_SEEN),
    }  # fmt: skip
    found: dict[str, topics.Source] = {}
    for topic, (count, customers) in amounts.items():
        print(f"filling {topic}: {count} events of {customers} customers", flush=True)
        found[topic] = topics.fill(kafka, topic, _toy(count, customers))
    print(f"recording a journal of {sizes.shop_customers} customers of a shop", flush=True)
    journal = record(folder, sizes.shop_customers)
    found[JOURNAL] = topics.fill(kafka, JOURNAL, journal.records())
    return found, journal


def _toy(count: int, customers: int) -> Iterator[topics.KeyValue]:
    for event in toy_events(count, customers, seed=customers):
        yield partition_of(event.customer, topics.PARTITIONS), event.customer.encode(), ENCODE(event)
