"""A trouble on its way to the shop's own systems, through the real rules, the real sender and a real HTTP server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from ledger.database import Ledger
from models.decisions import Limits
from notifiers.breaker import Breaker
from notifiers.claims import Claims
from notifiers.sender import Sender
from tests.hooks import Shop, channel, shop
from tests.outreach import address, consent, decide, issue, new_ledger, outbox_row, remember
from tests.sending import Clock, at_once

Round = Callable[[], Awaitable[int]]


def through(folder: Path, work: Callable[[Ledger, Shop, Clock, Round], Awaitable[None]]) -> None:
    async def run() -> None:
        ledger, clock = new_ledger(folder), Clock()
        async with shop() as told:
            sending = channel(folder, f"http://127.0.0.1:{told.port}/", timeout_s=2.0)
            windows = {sending.name: sending.idempotency_window}
            claims = Claims(ledger, clock.clocks(), windows, owner="a", breaker=Breaker(0))
            sender = Sender(claims, {sending.name: sending}, at_once, chance=lambda: 0.5)

            async def go() -> int:
                claimed = await sender.look()
                await sender.finish(5.0)
                return claimed

            remember(ledger, consent("c-1", True, "webhook"), address("c-1", "ada@example.org", "webhook"))
            assert decide(ledger, issue(1), limits=Limits(channels=("webhook",))) == 1
            await work(ledger, told, clock, go)
        ledger.close()

    asyncio.run(run())


def row(ledger: Ledger) -> dict[str, object]:
    with ledger.read() as connection:
        return outbox_row(connection, "i-1")


def test_an_unclear_end_is_asked_again_with_the_same_id_and_body_until_it_is_clear(tmp_path: Path) -> None:
    async def work(ledger: Ledger, told: Shop, clock: Clock, go: Round) -> None:
        told.answers = [500, 502, 429, 204]
        for state in ("PENDING", "PENDING", "PENDING", "SENT"):
            assert await go() == 1
            assert row(ledger)["state"] == state
            clock.go(5)
        assert len({one.headers["webhook-id"] for one in told.got}) == 1
        assert len({one.body for one in told.got}) == 1
        assert len({one.headers["webhook-timestamp"] for one in told.got}) == len(told.got) == 4
        assert b"ada@example.org" not in told.got[0].body and b"Ada" not in told.got[0].body
        assert await go() == 0

    through(tmp_path, work)


def test_a_clear_no_ends_it_and_so_does_an_endpoint_that_is_gone(tmp_path: Path) -> None:
    async def work(ledger: Ledger, told: Shop, clock: Clock, go: Round) -> None:
        told.answers = [410]
        await go()
        assert (row(ledger)["state"], row(ledger)["reason"]) == ("FAILED", "EndpointGoneError")
        remember(ledger, consent("c-2", True, "webhook"))
        assert decide(ledger, issue(2), limits=Limits(channels=("webhook",))) == 1
        await go()
        assert len(told.got) == 1  # the second never left

    through(tmp_path, work)


def test_who_said_no_to_the_channel_is_not_told_by_it(tmp_path: Path) -> None:
    async def work(ledger: Ledger, told: Shop, clock: Clock, go: Round) -> None:
        remember(ledger, consent("c-1", False, "webhook"))
        await go()
        assert row(ledger)["state"] == "SUPPRESSED"
        assert told.got == []

    through(tmp_path, work)
