"""Taking a partition over: shut out the former owner, then read the state back. In this order, never another."""

import asyncio
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from models.errors import OperatorError
from streams.clock import elapsed
from streams.connection import client_options
from streams.sending import MAX_BATCH_BYTES
from streams.settings import Settings
from streams.step import MARKER_KEY, Role


class Marker(msgspec.Struct, frozen=True):
    """The last record of every transaction: where to go on, and what has been done so far."""

    next: int = 0
    """The offset of the first input record that has not been taken in."""
    records: int = 0
    outputs: int = 0


class Restored(msgspec.Struct):
    """A partition's state as its last transaction left it."""

    states: dict[bytes, bytes]
    marker: Marker


class InputLost(OperatorError):
    """Input was deleted before it was read. Operator action: restore the topic, or delete the role's state topic."""


class RestoreStalled(OperatorError):
    """The state cannot be read: no answer for too long. Operator action: none, the process is started again."""


def encode_marker(marker: Marker) -> bytes:
    """The bytes of a marker in a state topic."""
    return msgspec.json.encode(marker)


async def take_over(role: Role, topic: str, partition: int, settings: Settings) -> Any:
    """A started transactional producer. When this returns no older transaction is open, nor will one be committed."""
    return await open_producer(role.transactional_id(topic, partition), settings)


async def open_producer(transactional_id: str, settings: Settings) -> Any:
    """A started producer of this transactional id, which shuts out the former owner of the id."""
    producer = AIOKafkaProducer(
        **client_options(settings),
        transactional_id=transactional_id,
        acks="all",
        linger_ms=0,
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=2 * MAX_BATCH_BYTES,
        transaction_timeout_ms=int(settings.transaction_timeout_s * 1000),
        request_timeout_ms=int(settings.transaction_timeout_s * 1000),
        retry_backoff_ms=20,  # the default makes a takeover wait longer for the former transaction's end
    )
    try:
        async with asyncio.timeout(settings.give_up_s):
            await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


async def restore(role: Role, topic: str, partition: int, settings: Settings) -> Restored:
    """Read the state of a partition, all of it: call `take_over` first, or a commit may follow behind the end seen.

    Raises `InputLost` when the input no longer holds what comes next, `RestoreStalled` when nothing was read for
    `give_up_s`.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_wait_ms=100,
    )
    async with asyncio.timeout(settings.give_up_s):
        await consumer.start()
    try:
        restored = await _read(consumer, TopicPartition(role.state_topic(topic), partition), settings.give_up_s)
        start = TopicPartition(topic, partition)
        beginning = (await consumer.beginning_offsets([start]))[start]
    finally:
        await consumer.stop()
    if restored.marker.next and beginning > restored.marker.next:
        raise InputLost(
            f"{topic}/{partition}: offsets {restored.marker.next} to {beginning - 1} were deleted before {role.name} "
            f"read them: put them back, or delete {role.state_topic(topic)} to begin anew"
        )
    return restored


async def _read(consumer: Any, place: TopicPartition, patience_s: float) -> Restored:
    """Up to the last stable offset. The position also steps over markers, aborted data and compacted holes."""
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    end = (await consumer.end_offsets([place]))[place]
    states: dict[bytes, bytes] = {}
    before, seen_at = -1, elapsed()
    while (position := await consumer.position(place)) < end:
        if position != before:
            before, seen_at = position, elapsed()
        elif elapsed() - seen_at > patience_s:
            raise RestoreStalled(f"{place.topic}/{place.partition}: no answer at offset {position} of {end}")
        for record in (await consumer.getmany(place, timeout_ms=200)).get(place, ()):
            if record.value is None:
                states.pop(record.key, None)
            else:
                states[record.key] = record.value
    marker = states.pop(MARKER_KEY, None)
    return Restored(states, msgspec.json.decode(marker, type=Marker) if marker else Marker())
