"""The records of a topic as a committed reader sees them at this moment, and no later ones."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.clock import elapsed
from streams.connection import client_options
from streams.letters.failures import told
from streams.settings import Settings
from streams.step import Record

FETCH_BYTES = 4 << 20
STALL_S = 15.0
_STOP_S = 3.0


class Span(msgspec.Struct, frozen=True):
    """Offsets of one partition: from `start` up to, not including, `stop`."""

    start: int
    stop: int


async def records(
    settings: Settings, topic: str, since_ms: int = 0, spans: Mapping[int, Span] | None = None
) -> AsyncIterator[tuple[int, Record]]:
    """Partition and record, in order within each partition, up to the last stable offsets of now.

    `since_ms`: begin with what the broker took in then or later (Unix milliseconds). `spans`: only these partitions
    and offsets. Raises `LettersAway` when nothing was heard for `STALL_S`.
    """
    async with _consumer(settings) as consumer:
        with told(settings):
            stops = await _assigned(consumer, _places(settings, topic), since_ms, spans)
        heard_at = elapsed()
        while True:
            with told(settings):
                # the position also steps over markers of transactions, and over what was aborted
                left = [place for place, stop in stops.items() if await consumer.position(place) < stop]
                if not left:
                    return
                fetched = await consumer.getmany(*left, timeout_ms=200)
                if not fetched and elapsed() - heard_at > STALL_S:
                    raise TimeoutError
            for place, some in fetched.items():
                for record in some:
                    if record.offset < stops[place]:
                        yield place.partition, record
            if fetched:
                heard_at = elapsed()


async def beginnings(settings: Settings, topic: str) -> dict[int, int]:
    """Partition -> the offset of the oldest record that is kept. Raises `LettersAway`."""
    async with _consumer(settings) as consumer:
        with told(settings):
            starts = await consumer.beginning_offsets(_places(settings, topic))
    return {place.partition: at for place, at in starts.items()}


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_wait_ms=100,
        request_timeout_ms=10_000,
    )
    try:
        with told(settings):
            async with asyncio.timeout(STALL_S):
                await consumer.start()
        yield consumer
    finally:
        await asyncio.wait({asyncio.ensure_future(consumer.stop())}, timeout=_STOP_S)


async def _assigned(
    consumer: Any, every: list[TopicPartition], since_ms: int, spans: Mapping[int, Span] | None
) -> dict[TopicPartition, int]:
    """Goes to where to begin; place -> where to stop."""
    places = [place for place in every if spans is None or place.partition in spans]
    if not places:
        return {}
    consumer.assign(places)
    starts, stops = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    if since_ms:
        times = await consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        starts |= {place: found.offset if found else stops[place] for place, found in times.items()}
    if spans is not None:
        starts = {place: max(start, spans[place.partition].start) for place, start in starts.items()}
        stops = {place: min(stop, spans[place.partition].stop) for place, stop in stops.items()}
    for place, start in starts.items():
        consumer.seek(place, start)
    return {place: stop for place, stop in stops.items() if starts[place] < stop}


def _places(settings: Settings, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(settings.partitions)]
