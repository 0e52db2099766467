"""remember, decide and the sender on a real broker with a real mail server: each trouble told once, or not at all."""

import asyncio
import time
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from deploy.mail.server import MailServer
from ledger import counts, positions
from ledger.positions import PositionMoved
from models.notifications import outreach_id
from streams.ledgers import ledger_of
from streams.patience import GiveUp
from streams.reader import InputGone, TopicWrong
from streams.roles import decide, remember
from streams.settings import Settings
from streams.topics import JOURNAL
from tests.outreach import consent, states
from tests.telling import publish, publish_troubles, settings_for, telling

DEADLINE_S = 60.0


async def decided_so_far(settings: Settings, amount: int, under_way: int = 1_000) -> None:
    """Wait until so many issues are decided, and at most `under_way` notifications are not done."""
    ledger, deadline = ledger_of(settings), time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        with ledger.read() as connection:
            if counts.decided(connection) >= amount and counts.under_way(connection) <= under_way:
                return
        await asyncio.sleep(0.05)
    with ledger.read() as connection:
        pytest.fail(f"{counts.decided(connection)} decided, {counts.by_state(connection)}")


def test_each_trouble_is_told_once_also_over_restarts_and_never_after_a_no(broker: Broker, tmp_path: Path) -> None:
    with MailServer(tmp_path / "mails") as mails:
        settings = settings_for(broker.bootstrap, tmp_path, smtp_port=mails.port)

        async def work() -> None:
            await publish_troubles(broker.bootstrap, range(1, 31))
            async with telling(settings):
                await decided_so_far(settings, 30, 0)
            await publish_troubles(broker.bootstrap, range(31, 61))
            for _ in range(3):  # stopped at once, and started again
                async with telling(settings):
                    await asyncio.sleep(0)
            async with telling(settings):
                await decided_so_far(settings, 60, 0)

        asyncio.run(work())
        got = sorted(one.message_id for one in mails.accepted)
    told = [n for n in range(1, 61) if n % 3]
    assert got == sorted(f"<{outreach_id(f'i-{n}', 'email')}@shop.example>" for n in told)
    assert states(ledger_of(settings)) == {f"i-{n}": "SENT" for n in told}
    with ledger_of(settings).read() as connection:
        assert counts.by_rule(connection) == {"consent": 20}
        stored = positions.load(connection, "decide")
    assert sum(stored.values()) >= 120  # both records of each issue, and the markers of two transactions


def test_decide_waits_for_remember(broker: Broker, tmp_path: Path) -> None:
    settings = settings_for(broker.bootstrap, tmp_path)

    async def work() -> None:
        await publish_troubles(broker.bootstrap, range(1, 4))
        async with telling(settings, decide):
            deadline = time.monotonic() + 3.0
            while time.monotonic() < deadline:
                with ledger_of(settings).read() as connection:
                    assert counts.decided(connection) == 0
                await asyncio.sleep(0.1)
        async with telling(settings, remember, decide):
            await decided_so_far(settings, 3)

    asyncio.run(work())


def test_a_second_reader_of_the_same_ledger_ends_and_says_so(broker: Broker, tmp_path: Path) -> None:
    settings = settings_for(broker.bootstrap, tmp_path)

    async def work() -> None:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(remember.run(settings, stop)) for _ in range(2)]
        for n in range(200):
            await publish(broker.bootstrap, [(JOURNAL, 0, consent(f"c-{n}", True))])
            if any(task.done() for task in tasks):
                break
        (ended,), (left,) = ([task for task in tasks if task.done() is done] for done in (True, False))
        with pytest.raises(PositionMoved, match="another remember runs"):
            await ended
        stop.set()
        await left

    asyncio.run(work())


def test_what_was_deleted_before_it_was_remembered_is_not_passed_over(broker: Broker, tmp_path: Path) -> None:
    from kafka import KafkaAdminClient, TopicPartition

    settings = settings_for(broker.bootstrap, tmp_path)

    async def begin() -> None:
        await publish(broker.bootstrap, [(JOURNAL, 0, consent(f"c-{n}", True)) for n in range(10)])
        async with telling(settings, remember):
            ledger, deadline = ledger_of(settings), time.monotonic() + DEADLINE_S
            while time.monotonic() < deadline:
                with ledger.read() as connection:
                    if positions.load(connection, "remember").get((JOURNAL, 0), 0) >= 10:
                        break
                await asyncio.sleep(0.05)
        await publish(broker.bootstrap, [(JOURNAL, 0, consent(f"c-{n}", False)) for n in range(10)])

    asyncio.run(begin())
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.delete_records({TopicPartition(JOURNAL, 0): 15})
    admin.close()
    with pytest.raises(InputGone, match=r"journal\.v1/0: offsets \d+ to 14 are deleted"):
        asyncio.run(remember.run(settings, asyncio.Event()))


def test_a_topic_with_another_partition_count_is_refused_in_words(broker: Broker, tmp_path: Path) -> None:
    settings = settings_for(broker.bootstrap, tmp_path, partitions=3)
    with pytest.raises(TopicWrong, match=r"has 2 partitions, not 3: run `beforehand topics"):
        asyncio.run(remember.run(settings, asyncio.Event()))


@pytest.mark.parametrize("role", [remember, decide])
def test_a_broker_that_stays_away_ends_the_role_in_words(role: object, tmp_path: Path) -> None:
    settings = settings_for("127.0.0.1:1", tmp_path, give_up_s=1.0)
    with pytest.raises(GiveUp, match=r"Kafka at 127\.0\.0\.1:1 does not answer") as caught:
        asyncio.run(getattr(role, "run")(settings, asyncio.Event()))  # noqa: B009 - a module, as the worker takes it
    assert caught.value.exit_code == 70


def test_a_broker_that_goes_away_ends_the_role_and_nothing_is_lost(broker: Broker, tmp_path: Path) -> None:
    settings = settings_for(broker.bootstrap, tmp_path, give_up_s=4.0)

    async def work() -> None:
        async with asyncio.timeout(60):
            await publish_troubles(broker.bootstrap, range(1, 10))
            tasks = [asyncio.create_task(one.run(settings, asyncio.Event())) for one in (remember, decide)]
            await decided_so_far(settings, 9)
            broker.stop()
            for task in tasks:
                with pytest.raises(GiveUp, match="does not answer"):
                    await task

    asyncio.run(work())
    assert states(ledger_of(settings)) == {f"i-{n}": "PENDING" for n in range(1, 10) if n % 3}


def test_a_ledger_of_another_kafka_is_refused_in_words(broker: Broker, tmp_path: Path) -> None:
    settings = settings_for(broker.bootstrap, tmp_path)
    with ledger_of(settings).write() as connection:
        positions.begin(connection, "remember", {(JOURNAL, 1): 500})
    with pytest.raises(InputGone, match=r"journal\.v1/1 ends at 0 and remember has read up to 500"):
        asyncio.run(remember.run(settings, asyncio.Event()))
