"""Waiting for a ledger that is away."""

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest

from ledger.database import Ledger, LedgerUnavailable
from ledger.migrate import migrate
from ledger.switches import OUTREACH, halt, halted
from streams.bells import Bell, bell
from streams.patience import GiveUp, Patience, Stopped
from tests.outreach import NOW


class Away:
    """Work that fails so many times before it succeeds."""

    def __init__(self, times: int) -> None:
        self.left, self.calls = times, 0

    def __call__(self) -> str:
        self.calls += 1
        self.left -= 1
        if self.left >= 0:
            raise LedgerUnavailable("ledger x is locked by another process")
        return "done"


def test_work_is_done_again_until_the_ledger_is_back() -> None:
    work = Away(4)
    assert asyncio.run(Patience(30.0, asyncio.Event())(work)) == "done"
    assert work.calls == 5


def test_a_ledger_that_stays_away_ends_the_process_in_one_sentence_and_with_70() -> None:
    work, began = Away(10**6), time.monotonic()
    with pytest.raises(GiveUp, match=r"^ledger x is locked by another process \(waited 0\.5 s\)$") as caught:
        asyncio.run(Patience(0.5, asyncio.Event())(work))
    assert caught.value.exit_code == 70
    assert time.monotonic() - began < 5
    assert 2 < work.calls < 12


def test_who_is_told_to_stop_does_not_wait_on() -> None:
    async def work() -> float:
        stop, began = asyncio.Event(), time.monotonic()
        asyncio.get_running_loop().call_later(0.2, stop.set)
        with pytest.raises(Stopped):
            await Patience(60.0, stop)(Away(10**6))
        return time.monotonic() - began

    assert asyncio.run(work()) < 3


def test_what_must_get_on_record_is_tried_a_while_longer_after_a_stop() -> None:
    async def work(grace_s: float) -> str:
        stop = asyncio.Event()
        stop.set()
        return await Patience(60.0, stop, grace_s)(Away(3))

    assert asyncio.run(work(10.0)) == "done"
    with pytest.raises(Stopped):
        asyncio.run(work(0.0))


def test_other_errors_are_not_waited_out() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Patience(60.0, asyncio.Event())(lambda: 1 // 0))


def test_a_file_locked_for_a_while_loses_nothing(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/l.db", busy_s=0.1)
    migrate(ledger)
    other = sqlite3.connect(tmp_path / "l.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def work() -> None:
        with ledger.write() as connection:
            halt(connection, OUTREACH, "written", NOW)

    async def both() -> None:
        asyncio.get_running_loop().call_later(1.0, other.execute, "ROLLBACK")
        await Patience(30.0, asyncio.Event())(work)

    asyncio.run(both())
    with ledger.read() as connection:
        assert halted(connection) == {OUTREACH: "written"}
    other.close()
    ledger.close()


def test_a_bell_that_rang_before_is_heard_and_one_that_did_not_is_not_waited_for_long() -> None:
    async def work() -> tuple[float, float]:
        rung = Bell()
        rung.ring()
        began = time.monotonic()
        await rung.wait(5.0)
        heard = time.monotonic() - began
        await rung.wait(0.1)
        return heard, time.monotonic() - began

    heard, both = asyncio.run(work())
    assert heard < 1.0
    assert 0.1 <= both < 3.0


def test_roles_of_one_loop_share_a_bell_and_loops_do_not() -> None:
    async def ask() -> Bell:
        assert bell("x") is bell("x")
        assert bell("x") is not bell("y")
        return bell("x")

    assert asyncio.run(ask()) is not asyncio.run(ask())
