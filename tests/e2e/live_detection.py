"""A recorded journal read by live `detect` workers, and what they found."""

import asyncio
from pathlib import Path

from aiokafka import AIOKafkaProducer

from beforehand.stack import Stack
from desk.journal_file import Record
from models.issues import Issue, decode_issue
from streams.connection import client_options
from streams.settings import Settings
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.topic_reading import read_topic

Journal = list[list[Record]]


def live_issues(journal: Journal, wanted: int, workers: int, folder: Path) -> list[list[Issue]]:
    """The issues of so many workers on a broker of their own, once there are `wanted`."""
    processes = {f"detect{number}": ["detect"] for number in range(workers)}
    settings = Settings(kafka="", partitions=PARTITIONS, run_dir=folder, session_timeout_s=3.0)
    with Stack(settings, processes) as stack:
        _append(stack.settings, journal)
        kafka = stack.settings.kafka
        eventually(
            lambda: sum(map(len, read_topic(kafka, "issues.v1", PARTITIONS))) >= wanted, 120, "all issues are there"
        )
        return [[decode_issue(raw) for _, _, raw in part] for part in read_topic(kafka, "issues.v1", PARTITIONS)]


def _append(settings: Settings, journal: Journal) -> None:
    """The recorded records, at the offsets they were recorded with."""

    async def write() -> None:
        producer = AIOKafkaProducer(**client_options(settings), enable_idempotence=True)
        await producer.start()
        try:
            for number, part in enumerate(journal):
                sent = [await producer.send("journal.v1", raw, partition=number) for _, raw in part]
                told = await asyncio.gather(*sent)
                assert [one.offset for one in told] == [offset for offset, _ in part]
        finally:
            await producer.stop()

    asyncio.run(write())
