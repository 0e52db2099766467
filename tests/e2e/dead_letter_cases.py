"""Dead letters made by hand on a real broker, and what became of them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.kafka.broker import Broker
from models.dead_letters import Reason
from models.events.catalogue import encode
from models.events.order_placed import OrderPlaced
from streams.admin import apply
from streams.dead_letters import dead_letter
from streams.letters.reading import Wanted, done_about, handled_letters, letters
from streams.letters.replaying import drop
from streams.letters.working import Pace
from streams.letters.writer import LetterWriter
from streams.settings import Settings
from streams.topics import Topic, table
from tests.e2e.topic_reading import records_of
from tests.records import FakeRecord

P = 2
GOOD = encode(OrderPlaced.example())
ELSEWHERE = "elsewhere.v1"
"""A source that is none of our own, so that no rule of ours holds for its bytes."""


@contextmanager
def letter_broker(folder: Path) -> Iterator[Broker]:
    """One whose topics have the service's own names."""
    with Broker(folder) as broker:
        apply(broker.bootstrap, [*table(P), Topic(ELSEWHERE, P, timedelta(days=1))])
        yield broker


def nothing_waiting(broker: Broker) -> Settings:
    """The broker's settings, when every letter of the former test is dropped."""
    settings = Settings(kafka=broker.bootstrap, partitions=P)
    run(lambda: drop(settings, Wanted(), Pace()))
    return settings


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(work())


def set_aside(
    settings: Settings, *values: bytes | None, topic: str = ELSEWHERE, reason: Reason = Reason.INVALID, **more: Any
) -> list[str]:
    """The ids of letters with these values, from partition 1 of the topic."""

    async def send() -> list[str]:
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
            names = []
            for number, value in enumerate(values):
                record = FakeRecord(number, value, more.get("key", b"k"), headers=more.get("headers", ()))
                name, partition, key, value, headers = dead_letter(record, (topic, 1), "ingest", reason, "it: broke")
                batch = producer.create_batch()  # `send` takes no header without a value
                batch.append(key=key, value=value, timestamp=None, headers=list(headers))
                sent = await (await producer.send_batch(batch, name, partition=partition))
                names.append(f"{sent.partition}-{sent.offset}")
            return names

    return asyncio.run(send())


def settle(settings: Settings) -> None:
    """Wait for what was committed: Kafka says so a little before every partition shows it; a next run waits, too."""

    async def begin() -> None:
        async with LetterWriter(settings):
            pass

    asyncio.run(begin())


def arrived(settings: Settings, topic: str = ELSEWHERE) -> list[Any]:
    """The records that were sent to partition 1, in order."""
    settle(settings)
    return records_of(settings.kafka, topic, P)[1]


def waiting(settings: Settings) -> list[str]:
    """The ids of the letters that nothing was done about."""

    async def read() -> list[str]:
        handled = await handled_letters(settings)
        return [one.name async for one in letters(settings, Wanted()) if done_about(one, handled) is None]

    settle(settings)
    return asyncio.run(read())
