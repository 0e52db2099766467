"""A recorded journal gives the same issues live, by one worker or two, and offline, however it is cut."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.journal_file import journal_path, read_journal
from desk.offline import House
from desk.replay import replay
from desk.sources.feed import feed
from desk.sources.flights import Flights
from models.issues import Issue
from tests.e2e.house import PARTITIONS
from tests.e2e.live_detection import Journal, live_issues

BLIZZARD = (datetime(2013, 2, 8, 5, tzinfo=UTC), datetime(2013, 2, 9, 5, tzinfo=UTC))


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
    assert live_issues(journal, sum(map(len, offline)), workers, tmp_path) == offline
