"""The journals of the shop and of real orders give the same issues live, by two workers, and offline."""

from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from desk.journal_file import journal_path, read_journal
from desk.offline import House
from desk.replay import played, replay
from desk.sources.feed import SOURCE_TOPICS, feed
from desk.sources.olist import Olist
from desk.sources.shop import Shop
from detectors.catalogue import all_detectors
from tests.e2e.house import PARTITIONS
from tests.e2e.live_detection import Journal, live_issues

ORDERS = 20_000
"""So many events of Olist: until the autumn of 2017."""


@pytest.fixture(scope="module", params=["shop", "olist"])
def journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Journal:
    """Four partitions, with context and ticks."""
    folder = tmp_path_factory.mktemp("journal")
    if request.param == "shop":
        events = Shop(customers=600, seed=2).events()
    else:
        events = islice(Olist(request.getfixturevalue("recorded_data")).events(), ORDERS)
    with House(PARTITIONS, record_to=folder) as house:
        for _ in house.run(feed(events, PARTITIONS, timedelta(hours=6), SOURCE_TOPICS[:2])):
            pass
    return [list(read_journal(journal_path(folder, number))) for number in range(PARTITIONS)]


def test_two_live_workers_find_what_every_way_of_replaying_finds(journal: Journal, tmp_path: Path) -> None:
    offline = [replay(part, number) for number, part in enumerate(journal)]
    assert sum(map(len, offline)) > 100
    detectors = all_detectors()
    again = [[i for one in played(part, number, detectors) for i in one.issues] for number, part in enumerate(journal)]
    assert again == offline
    assert live_issues(journal, sum(map(len, offline)), 2, tmp_path) == offline
