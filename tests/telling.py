"""The three roles that tell, in this process, on a real broker; and what they read, written by hand."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from ledger.migrate import migrate
from models.events.base import Event
from models.events.catalogue import encode
from models.events.order_step import OrderStep
from models.issues import Issue, encode_issue
from models.partitions import partition_of
from streams.admin import apply
from streams.clock import set_clock
from streams.ledgers import ledger_of
from streams.roles import decide, remember, sender
from streams.settings import Settings
from streams.topics import ADDRESSES, ISSUES, JOURNAL, table
from tests.outreach import NOW, address, consent, issue

PARTITIONS = 2
Item = tuple[str, int, Event | Issue | bytes | None]


def settings_for(bootstrap: str, folder: Path, **more: Any) -> Settings:
    """Settings of a service with a migrated ledger in a folder; its clock stands still at the tests' time."""
    clock_file = folder / "clock.json"
    set_clock(clock_file, NOW, 0.0)
    fields = {
        "kafka": bootstrap,
        "partitions": PARTITIONS,
        "clock_file": clock_file,
        "cooldown_s": 0.0,
        "cap_per_day": 1000,
        "cap_per_week": 1000,
        "breaker_floor": 0,
        "database_url": SecretStr(f"sqlite:///{folder}/ledger.db"),
    }
    settings = Settings.model_validate(fields | more)
    migrate(ledger_of(settings))
    return settings


def create_topics(bootstrap: str, partitions: int = PARTITIONS) -> None:
    """The topics that the three roles read."""
    wanted = (ADDRESSES, JOURNAL, ISSUES)
    apply(bootstrap, [topic for topic in table(partitions) if topic.name in wanted])


async def publish(bootstrap: str, items: Sequence[Item]) -> list[int]:
    """Write records, in one transaction per call; their offsets."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="tests", linger_ms=1)
    await producer.start()
    try:
        async with producer.transaction():
            futures = [await producer.send(topic, _bytes(what), _key(what), place) for topic, place, what in items]
            return [record.offset for record in await asyncio.gather(*futures)]
    finally:
        await producer.stop()


async def publish_troubles(bootstrap: str, numbers: range) -> None:
    """A yes and an address for every customer, a no for each third, then a trouble for each."""
    first: list[Item] = []
    for n in numbers:
        place = partition_of(f"c-{n}", PARTITIONS)
        first += [(ADDRESSES, place, address(f"c-{n}")), (JOURNAL, place, consent(f"c-{n}", True))]
        if n % 3 == 0:
            first.append((JOURNAL, place, consent(f"c-{n}", False)))
    steps: list[Item] = [(JOURNAL, partition_of(f"c-{n}", PARTITIONS), OrderStep.example()) for n in numbers]
    offsets = (await publish(bootstrap, [*first, *steps]))[len(first) :]
    found: list[Item] = []
    for n, offset in zip(numbers, offsets, strict=True):
        place = partition_of(f"c-{n}", PARTITIONS)
        found += [(ISSUES, place, issue(n, partition=place, offset=offset))] * 2
    await publish(bootstrap, found)


@asynccontextmanager
async def telling(settings: Settings, *roles: Any) -> AsyncIterator[asyncio.Event]:
    """All three run (or those named) until the block ends; what ends one of them with an error is raised."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(role.run(settings, stop)) for role in roles or (remember, decide, sender)]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def _bytes(what: Event | Issue | bytes | None) -> bytes | None:
    if isinstance(what, Event):
        return encode(what)
    return encode_issue(what) if isinstance(what, Issue) else what


def _key(what: Event | Issue | bytes | None) -> bytes:
    if isinstance(what, Event):
        return what.subject.encode()
    return what.customer_id.encode() if isinstance(what, Issue) else b"c"
