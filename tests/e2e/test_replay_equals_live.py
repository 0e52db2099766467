"""A recorded journal gives the same issues live, by one worker or two, and offline, however it is cut."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beforehand.stack import Stack
from desk.journal_file import Record, journal_path, read_journal
from desk.offline import House
from desk.replay import replay
from desk.sources.feed import feed
from desk.sources.flights import Flights
from models.issues import Issue, decode_issue
from streams.connection import client_options
from streams.settings import Settings
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.topic_reading import read_topic

BLIZZARD = (datetime(2013, 2, 8, 5, tzinfo=UTC), datetime(2013, 2, 9, 5, tzinfo=UTC))
Journal = list[list[Record]]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    """A day of flights: four partitions, with context and ticks."""
    folder = tmp_path_factory.mktemp("journal")
    with House(PARTITIONS, record_to=folder) as house:
        for _ in house.run(feed(Flights(*BLIZZARD).events(), PARTITIONS, timedelta(minutes=15))):
            pass
    found = [list(read_journal(journal_path(folder, number))) for number in range(PARTITIONS)]
    kinds = b"".join(raw for part in found for _, raw in part)
    assert b'"type":"tick.v1"' in kinds
    assert b'"type":"context.updated.v1"' in kinds
    return found


@pytest.fixture(scope="module")
def offline(journal: Journal) -> list[list[Issue]]:
    found = [replay(part, number) for number, part in enumerate(journal)]
    assert sum(map(len, found)) > 50
    return found


@pytest.mark.parametrize("batch", [1, 7, 4096])
def test_offline_the_batch_size_changes_nothing(journal: Journal, offline: list[list[Issue]], batch: int) -> None:
    assert [replay(part, number, batch=batch) for number, part in enumerate(journal)] == offline


def test_offline_a_codec_round_trip_after_every_event_changes_nothing(
    journal: Journal, offline: list[list[Issue]]
) -> None:
    assert [replay(part, number, restart_every=1) for number, part in enumerate(journal)] == offline


@pytest.mark.parametrize("workers", [1, 2])
def test_live_workers_find_what_the_replay_finds(
    journal: Journal, offline: list[list[Issue]], workers: int, tmp_path: Path
) -> None:
    processes = {f"detect{number}": ["detect"] for number in range(workers)}
    settings = Settings(kafka="", partitions=PARTITIONS, run_dir=tmp_path, session_timeout_s=3.0)
    with Stack(settings, processes) as stack:
        _append(stack.settings, journal)
        wanted = sum(map(len, offline))
        kafka = stack.settings.kafka
        eventually(
            lambda: sum(map(len, read_topic(kafka, "issues.v1", PARTITIONS))) >= wanted, 60, "all issues are there"
        )
        live = [[decode_issue(raw) for _, _, raw in part] for part in read_topic(kafka, "issues.v1", PARTITIONS)]
    assert live == offline


def _append(settings: Settings, journal: Journal) -> None:
    """The recorded records, at the offsets they were recorded with."""

    async def write() -> None:
        from aiokafka import AIOKafkaProducer

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
