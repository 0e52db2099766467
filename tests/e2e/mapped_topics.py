"""Topics of others on a real broker: made, written to, and what came of it."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from models.events.base import Event
from models.events.catalogue import decode
from models.mapping.documents import Source
from streams.cluster import Cluster
from streams.connection import client_options
from streams.settings import Settings
from streams.topics import Topic
from tests.e2e.house import PARTITIONS
from tests.e2e.topic_reading import records_of
from tests.mapped import FOLDER, NAMES, shipped

COUNTS = {"shopify-orders": 3, "warehouse-orders": PARTITIONS, "carrier-scans": 6}
"""Partitions of each of these topics: not ours to choose."""


def files_in(folder: Path) -> list[Path]:
    """The shipped mappings, with the partitions that the topics have here."""
    files = []
    for name, count in COUNTS.items():
        text = (FOLDER / f"{name}.yaml").read_text()
        files.append(folder / f"{name}.yaml")
        files[-1].write_text(text.replace("version: 1\n", f"version: 1\npartitions: {count}\n"))
    return files


def send(settings: Settings, sources: Iterable[tuple[int, Source]]) -> None:
    async def all_of_them() -> None:
        from aiokafka import AIOKafkaProducer

        producer = AIOKafkaProducer(**client_options(settings), enable_idempotence=True)
        await producer.start()
        try:
            sent = [
                await producer.send(one.topic, one.value, one.key or b"k", partition, headers=list(one.headers))
                for partition, one in sources
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    asyncio.run(all_of_them())


def events_of(bootstrap: str, topic: str = "journal.v1") -> list[list[Event]]:
    return [[decode(one.value) for one in part] for part in records_of(bootstrap, topic, PARTITIONS)]


def customers_events(bootstrap: str) -> list[Event]:
    return [event for part in events_of(bootstrap) for event in part if not event.internal]


def letters(bootstrap: str) -> list[Any]:
    return [one for part in records_of(bootstrap, "dead-letters.v1", PARTITIONS) for one in part]


def kinds(events: Iterable[Event]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for event in events:
        data: Any = getattr(event, "data", None)
        found[event.subject, event.type_name(), data.order_id] += 1
    return found


def make_topics(bootstrap: str) -> None:
    with Cluster(bootstrap) as cluster:
        cluster.create([Topic(shipped(name).topic, COUNTS[name], timedelta(days=7)) for name in NAMES])
