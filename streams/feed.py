"""Sends a recorded or simulated history to its Kafka topics, at full speed or in step with the business clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer

from models.events.base import Event
from models.events.catalogue import encode
from streams.connection import client_options
from streams.sending import MAX_BATCH_BYTES, lanes_of, send_lanes
from streams.settings import Settings

Item = tuple[str, int, Event]
"""Topic, partition, event."""

CHUNK = 2_000
_LOOK_AGAIN_S = 0.01

Progress = Callable[[int, datetime], None]
"""Told after every chunk: how many events it had, and the time of its last."""


async def feed(
    settings: Settings, items: Iterable[Item], *, now: Callable[[], datetime] | None = None, progress: Progress
) -> int:
    """Send all `items`, in their order within each partition, and return how many.

    With `now`, an event waits until `now()` has reached its time; without it nothing waits. The producer is idempotent:
    a broker that restarts meanwhile gets every event once. Raises aiokafka's errors when it stays away.
    """
    producer = AIOKafkaProducer(
        **client_options(settings), enable_idempotence=True, max_batch_size=MAX_BATCH_BYTES, linger_ms=0
    )
    await producer.start()
    sent = 0
    try:
        async for chunk in _chunks(iter(items), now):
            await send_lanes(producer, lanes_of(_record(item) for item in chunk))
            sent += len(chunk)
            progress(len(chunk), chunk[-1][2].time)
    finally:
        await producer.stop()
    return sent


def _record(item: Item) -> Any:
    topic, partition, event = item
    return topic, partition, event.subject.encode(), encode(event), ()


async def _chunks(items: Iterator[Item], now: Callable[[], datetime] | None) -> AsyncIterator[list[Item]]:
    if now is None:
        while chunk := list(islice(items, CHUNK)):
            yield chunk
        return
    due: list[Item] = []
    for item in items:
        while item[2].time > now():
            if due:
                yield due
                due = []
            await asyncio.sleep(_LOOK_AGAIN_S)
        due.append(item)
        if len(due) >= CHUNK:
            yield due
            due = []
    if due:
        yield due
