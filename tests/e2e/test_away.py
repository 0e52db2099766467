"""The broker, then the database, is away for longer than the roles are patient: they end, are started again, go on."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from desk.sources.feed import feed
from desk.sources.shop import Shop
from streams.clock import elapsed
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, House, address_items, eventually, house

PROCESSES = {name: [name] for name in ("ingest", "detect", "context")} | {"tell": ["remember", "decide", "sender"]}


@contextmanager
def broker_away(running: House) -> Iterator[None]:
    assert running.stack.broker is not None
    running.stack.broker.kill()
    try:
        yield
    finally:
        running.stack.broker.start()


@contextmanager
def database_away(running: House) -> Iterator[None]:
    """Locked by somebody else, as by a backup that hangs."""
    file = running.settings.database_url.get_secret_value().removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None, timeout=30)
    other.execute("begin exclusive")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


def stay_away(running: House, names: list[str], away_s: float) -> None:
    """Until it has been away for so long, and every one of the processes has ended at least once."""
    before, began = running.stack.supervisor.restarts(), elapsed()

    def all_ended() -> bool:
        now = running.stack.supervisor.restarts()
        return all(now[name] > before[name] for name in names)

    eventually(all_ended, away_s + 60, f"{names} give up")
    while elapsed() - began < away_s:
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("away_s", "give_up_s"), [(10.0, 4.0), pytest.param(600.0, 60.0, marks=pytest.mark.chaos, id="ten minutes")]
)
def test_nothing_is_lost_while_the_broker_and_the_database_are_away(
    tmp_path: Path, away_s: float, give_up_s: float
) -> None:
    shop = Shop(customers=600, seed=9, duration=timedelta(hours=2))
    events = list(shop.events())
    items = list(feed(events, PARTITIONS, timedelta(minutes=30), tail=timedelta(days=1)))
    third = len(items) // 3
    with house(tmp_path, items[-1][2].time, processes=PROCESSES, give_up_s=give_up_s) as running:
        running.feed(address_items(shop.addresses()), paced=False)
        running.feed(items[:third], paced=False)
        with broker_away(running):
            stay_away(running, list(PROCESSES), away_s)
        running.feed(items[third : 2 * third], paced=False)
        eventually(lambda: promises.every_issue_is_decided(running), 90, "issues are decided again")
        with database_away(running):
            running.feed(items[2 * third :], paced=False)
            stay_away(running, ["tell"], away_s)
        eventually(lambda: promises.all_hold(running), 120, "everything is worked off")
        by_state = promises.check_all(running, least_issues=30)
        assert by_state.total() > 10
        codes = {name: running.stack.supervisor.log_of(name).read_text() for name in PROCESSES}
    assert re.search(r"locked", codes["tell"])
    assert not any("Traceback" in text for text in codes.values())
