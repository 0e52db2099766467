"""Whose time a topic is part of: a mapped topic counts as more partitions of the source that its events belong to.

A detector that waits for an order's steps listens to the time of `orders.v1`. Where the steps come from somebody else's
topic, that time must not run ahead of how far that topic has been read.
"""

from collections.abc import Iterable

import msgspec

from models.events.feed_progressed import FeedProgressed
from models.events.tick import TickData
from models.mapping.engine import Mapping
from streams.topics import SOURCES


class Lane(msgspec.Struct, frozen=True):
    """The partitions `first`, ... of `total` that ticks for `source` speak of."""

    source: str
    first: int
    total: int

    def tick(self, partition: int) -> TickData:
        """What a tick says for the partition of this number, counted from 0."""
        return TickData(source_topic=self.source, source_partition=self.first + partition, source_partitions=self.total)


def lanes(partitions: int, mappings: Iterable[Mapping]) -> dict[str, list[Lane]]:
    """Topic -> its lanes. Mappings count in their order: a new one belongs at the end.

    What goes through the identities comes out in as many partitions as the journal has.
    """
    totals = dict.fromkeys(SOURCES, partitions)
    placed: list[tuple[str, str, int]] = [(source, source, 0) for source in SOURCES]
    for mapping in mappings:
        for source in sources_of(mapping):
            placed.append((mapping.topic, source, totals[source]))
            totals[source] += partitions if mapping.identifies else mapping.file.partitions or partitions
    found: dict[str, list[Lane]] = {}
    for topic, source, first in placed:
        found.setdefault(topic, []).append(Lane(source, first, totals[source]))
    return found


def sources_of(mapping: Mapping) -> list[str]:
    """The sources of ours that its events would otherwise come from."""
    return sorted({kind.topic for kind in mapping.kinds if kind is not FeedProgressed} & set(SOURCES))
