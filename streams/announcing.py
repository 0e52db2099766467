"""What an operator says to all of the journal: into every partition in one transaction, or into none."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError

from models.errors import OperatorError
from models.events.base import Event
from models.events.catalogue import encode
from models.partitions import partition_of
from streams.feed import feed
from streams.restore import open_producer
from streams.sending import lanes_of, send_lanes
from streams.settings import Settings
from streams.topics import JOURNAL

TRANSACTIONAL_ID = "beforehand-operator"


class NotAnnounced(OperatorError):
    """Kafka did not take it; nothing of it is in force. Operator action: look at Kafka, then run it again."""


async def submit(settings: Settings, event: Event) -> None:
    """Send one event to its source topic, as any producer does. Raises `NotAnnounced`."""
    item = (event.topic, partition_of(event.subject, settings.partitions), event)
    with _told(settings):
        await feed(settings, [item], progress=lambda _count, _at: None)


async def announce(settings: Settings, *events: Event) -> None:
    """Append the events to every journal partition. Saying the same again does no harm. Raises `NotAnnounced`."""
    outputs = [
        (JOURNAL, number, event.subject.encode(), encode(event), ())
        for number in range(settings.partitions)
        for event in events
    ]
    with _told(settings):
        producer = await open_producer(TRANSACTIONAL_ID, settings)
        try:
            async with producer.transaction():
                await send_lanes(producer, lanes_of(outputs))
        finally:
            await asyncio.wait({asyncio.ensure_future(producer.stop())}, timeout=3)


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise NotAnnounced(
            f"Kafka at {settings.kafka} did not take it ({type(error).__name__}); nothing of it is in force: see "
            "`beforehand doctor`, then run this again"
        ) from None
