"""The three roles on PostgreSQL, which goes away and comes back."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.kafka.broker import Broker
from deploy.mail.server import MailServer
from ledger import counts
from ledger.database import LedgerUnavailable
from models.notifications import outreach_id
from streams.ledgers import ledger_of
from streams.patience import GiveUp
from streams.roles import decide, remember, sender
from streams.settings import Settings
from tests.postgres import Server, again, started_or_skipped
from tests.telling import publish_troubles, settings_for, telling


@pytest.fixture
def postgres() -> Iterator[Server]:
    with started_or_skipped() as server:
        yield server


async def all_done(settings: Settings, amount: int) -> None:
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        try:
            with ledger_of(settings).read() as connection:
                if counts.decided(connection) == amount and not counts.under_way(connection):
                    return
        except LedgerUnavailable:
            pass
        await asyncio.sleep(0.1)
    pytest.fail("not all was decided and sent in time")


def test_a_database_that_comes_back_finds_nothing_lost_and_nothing_told_twice(
    broker: Broker, postgres: Server, tmp_path: Path
) -> None:
    with MailServer(tmp_path / "mails") as mails:
        url = SecretStr(postgres.create())
        settings = settings_for(broker.bootstrap, tmp_path, smtp_port=mails.port, database_url=url, lease_s=5.0)

        async def work() -> None:
            async with telling(settings):
                await publish_troubles(broker.bootstrap, range(1, 41))
                await asyncio.to_thread(postgres.pause)
                await publish_troubles(broker.bootstrap, range(41, 61))
                await asyncio.to_thread(again, postgres)
                await all_done(settings, 60)

        asyncio.run(work())
        got = [one.message_id for one in mails.accepted]
        with ledger_of(settings).read() as connection:
            by_state = {state: rows for state, rows in counts.by_state(connection).items() if rows}
    possible = {f"<{outreach_id(f'i-{n}', 'email')}@shop.example>" for n in range(1, 61) if n % 3}
    assert len(got) == len(set(got))
    assert set(got) <= possible
    assert set(by_state) <= {"SENT", "UNKNOWN"}
    assert sum(by_state.values()) == 40
    assert by_state["SENT"] <= len(got) <= 40
    assert by_state.get("UNKNOWN", 0) <= settings.senders
    ledger_of(settings).close()


def test_a_database_that_stays_away_ends_every_role_in_words(broker: Broker, postgres: Server, tmp_path: Path) -> None:
    url = SecretStr(postgres.create())
    settings = settings_for(broker.bootstrap, tmp_path, database_url=url, give_up_s=2.0)
    ledger_of(settings).close()
    postgres.pause()

    async def work() -> list[BaseException | None]:
        tasks = [asyncio.create_task(one.run(settings, asyncio.Event())) for one in (remember, decide, sender)]
        await asyncio.wait(tasks)
        return [task.exception() for task in tasks]

    ended = asyncio.run(work())
    assert [type(one) for one in ended] == [GiveUp] * 3
    assert all("cannot be used" in str(one) and "BEFOREHAND_DATABASE_URL" in str(one) for one in ended)
