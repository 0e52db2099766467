"""Many records to a few partitions, as whole batches, inside a transaction that somebody else opened."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka.errors import IllegalOperation

from streams.step import Headers, Output

Place = tuple[str, int]
"""Topic and partition."""

Entry = tuple[bytes | None, bytes | None, Headers]
"""Key, value, headers."""

BATCH_BYTES = 900_000
"""How full a batch is made, below what every topic of ours takes."""

MAX_BATCH_BYTES = 2_150_000
"""What a producer must be able to hold: a dead letter with an original of full size, alone in its batch."""

_RECORD_BYTES = 32
"""Length, offset, time and so on of one record, at most."""


_NONE: list[tuple[str, bytes]] = []


class RecordTooLarge(Exception):
    """A record does not fit into a batch, so it cannot be written. Operator action: none, this is our bug."""


def lanes_of(outputs: Iterable[Output]) -> dict[Place, list[Entry]]:
    """The outputs by topic and partition, in order within each."""
    lanes: dict[Place, list[Entry]] = {}
    for topic, partition, key, value, headers in outputs:
        lane = lanes.get((topic, partition))
        if lane is None:
            lane = lanes[topic, partition] = []
        lane.append((key, value, headers))
    return lanes


async def send_lanes(producer: Any, lanes: dict[Place, list[Entry]]) -> None:
    """Send all lanes and wait until the broker has taken every batch.

    `producer` is a started `AIOKafkaProducer` with an open transaction. Raises the broker's error for any batch:
    without looking at each, a commit would succeed and make a part of the transaction visible.
    """
    sent: list[asyncio.Future[Any]] = []
    try:
        await asyncio.gather(*[_send_lane(producer, place, lane, sent) for place, lane in lanes.items()])
    except IllegalOperation:  # there is no transaction any more: a batch before this one knows why (such as fenced)
        await asyncio.gather(*sent)
        raise
    await asyncio.gather(*sent)


async def _send_lane(producer: Any, place: Place, lane: Sequence[Entry], sent: list[asyncio.Future[Any]]) -> None:
    topic, partition = place
    batch, filled = producer.create_batch(), 0
    for key, value, some in lane:
        headers, size = _NONE, _RECORD_BYTES + (len(key) if key else 0) + (len(value) if value else 0)
        if some:
            headers = list(some)  # aiokafka takes a list only
            size += sum(_RECORD_BYTES + 4 * len(name) + len(text or b"") for name, text in headers)
        if filled and filled + size > BATCH_BYTES:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch, filled = producer.create_batch(), 0
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:  # else lost without a word
            raise RecordTooLarge(f"a record of {size} bytes for {topic} is larger than a batch")
        filled += size
    batch.close()
    sent.append(await producer.send_batch(batch, topic, partition=partition))
