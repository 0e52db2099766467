"""Makes the topics of the runs, fills them, and reads back what was written."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.admin import apply, end_offsets
from streams.sending import MAX_BATCH_BYTES, lanes_of, send_lanes
from streams.topics import JOURNAL, Topic, state_topic, table

PARTITIONS = 4
CHUNK = 20_000

KeyValue = tuple[int, bytes, bytes]
"""Partition, key, value."""


class Source(msgspec.Struct, frozen=True):
    """What a contender reads: partition -> offset after its last record, and how many records that are in all."""

    topic: str
    ends: dict[int, int]
    records: int


def make(kafka: str, names: Iterable[str]) -> None:
    """Topics as the service has them for what is deleted with age."""
    apply(kafka, [Topic(name, PARTITIONS, timedelta(days=7)) for name in names])


def make_all(kafka: str, wanted: Sequence[Topic]) -> None:
    """The given topics."""
    apply(kafka, wanted)


def make_state(kafka: str, role: str, source: str) -> None:
    """The state topic of a role, set up as that of `detect` is."""
    model = next(one for one in table(PARTITIONS) if one.name == state_topic("detect", JOURNAL))
    apply(kafka, [replace(model, name=state_topic(role, source))])


def fill(kafka: str, topic: str, records: Iterable[KeyValue]) -> Source:
    """Append all to an empty topic."""
    asyncio.run(_send(kafka, topic, records))
    ends = {number: offset for (_, number), offset in end_offsets(kafka, [topic]).items()}
    return Source(topic, ends, sum(ends.values()))


def look(kafka: str, topic: str, since: dict[int, int] | None = None) -> Source:
    """The committed records of a topic, from the given offsets or its beginning on."""
    return asyncio.run(_look(kafka, topic, since or dict.fromkeys(range(PARTITIONS), 0)))


async def _send(kafka: str, topic: str, records: Iterable[KeyValue]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, max_batch_size=MAX_BATCH_BYTES)
    await producer.start()
    try:
        left = iter(records)
        while chunk := list(islice(left, CHUNK)):
            await send_lanes(producer, lanes_of((topic, number, key, value, ()) for number, key, value in chunk))
    finally:
        await producer.stop()


async def _look(kafka: str, topic: str, since: dict[int, int]) -> Source:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None, isolation_level="read_committed")
    await consumer.start()
    count, after = 0, dict(since)
    try:
        places = [TopicPartition(topic, number) for number in since]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, since[place.partition])
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                count += len(records)
                after[place.partition] = records[-1].offset + 1
    finally:
        await consumer.stop()
    return Source(topic, after, count)
