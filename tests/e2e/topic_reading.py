"""Reads whole topics as a committed reader sees them."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

Raw = tuple[int, bytes | None, bytes]
"""Offset, key, value."""


async def _read(bootstrap: str, topic: str, partitions: int) -> list[list[Any]]:
    places = [TopicPartition(topic, number) for number in range(partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False, group_id=None,
        max_partition_fetch_bytes=4 << 20, fetch_max_wait_ms=100,
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: dict[TopicPartition, list[Any]] = {place: [] for place in places}
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                found[place] += [record for record in records if record.offset < ends[place]]
        return [found[place] for place in places]
    finally:
        await consumer.stop()


def records_of(bootstrap: str, topic: str, partitions: int) -> list[list[Any]]:
    """aiokafka's records of each partition, in order, up to the last stable offset of now."""
    return asyncio.run(_read(bootstrap, topic, partitions))


def read_topic(bootstrap: str, topic: str, partitions: int) -> list[list[Raw]]:
    """Offset, key and value of every record of each partition."""
    return [[(one.offset, one.key, one.value) for one in part] for part in records_of(bootstrap, topic, partitions)]


def flat(parts: Iterable[list[Raw]]) -> list[bytes]:
    """All values of all partitions."""
    return [value for part in parts for _, _, value in part]
