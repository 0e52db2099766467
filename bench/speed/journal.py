"""A journal as the service writes it: a simulated shop's events, observations' echoes and ticks, recorded offline."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec

from bench.speed.topics import PARTITIONS, KeyValue
from desk.journal_file import journal_path, read_journal
from desk.offline import House
from desk.sources.feed import feed
from desk.sources.shop import Shop

BEAT = timedelta(hours=1)
"""A tick per source partition and hour of event time: few enough that they do not make the figures look better."""


class Journal(msgspec.Struct, frozen=True):
    """A recording, and what detection must find in it."""

    folder: Path
    issues: int
    types: dict[str, int]
    """Event type -> records."""

    def records(self) -> Iterator[KeyValue]:
        """All partitions, one after the other."""
        for number in range(PARTITIONS):
            for _, raw in read_journal(journal_path(self.folder, number)):
                yield number, b"journal", raw


class _Head(msgspec.Struct):
    type: str


def record(folder: Path, customers: int) -> Journal:
    """Play a shop of so many customers through the whole pipeline, into files."""
    issues = 0
    with House(PARTITIONS, record_to=folder) as house:
        for outputs in house.run(feed(Shop(customers=customers).events(), PARTITIONS, BEAT)):
            issues += len(outputs.issues)
    head = msgspec.json.Decoder(_Head).decode
    found = Journal(folder, issues, {})
    types = Counter(head(raw).type for _, _, raw in found.records())
    return Journal(folder, issues, dict(types.most_common()))
