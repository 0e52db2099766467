"""Who holds a notification, on both databases: owners that die, sleep, race and stop."""

import asyncio

import msgspec

from ledger import counts
from ledger.database import Ledger
from ledger.endings import accept, end, put_back
from ledger.outbox import claim, rule_out
from models.notifications import OutboxState, Receipt
from notifiers.messages import Held
from notifiers.sender import Sender
from streams.bells import Bell
from tests.outreach import NOW, states
from tests.sending import LEASE_S, Clock, House, Provider, called, in_thread, keyed, queue, row


async def test_a_claim_whose_owner_is_gone_is_taken_by_another_and_the_former_owner_cannot_send(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    (stale,) = house.claims.take(8).held
    other = House(ledger, provider, clock, owner="b")
    assert await other.round() == 0
    clock.go(LEASE_S + 1)
    assert await other.round() == 1
    assert house.claims.put_on_wire([stale]) == []
    assert (row(ledger)["state"], row(ledger)["owner"], row(ledger)["token"]) == ("SENT", "b", 2)
    assert len(provider.accepted) == 1


async def test_a_call_whose_owner_is_gone_waits_for_a_person_and_a_late_receipt_settles_it(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    provider.gate = asyncio.Event()
    await house.sender.look()
    await called(provider)
    assert states(ledger) == {"i-1": "ON_WIRE"}
    clock.go(LEASE_S + 1)
    other = House(ledger, provider, clock, owner="b")
    assert await other.round() == 0
    assert states(ledger) == {"i-1": "UNKNOWN"}
    provider.gate.set()
    await house.sender.finish(5)
    assert states(ledger) == {"i-1": "SENT"}
    assert len(provider.accepted) == 1


async def test_a_former_owner_cannot_write_once_another_repeats_the_call_with_the_key(
    ledger: Ledger, clock: Clock
) -> None:
    provider, same = keyed(), keyed()
    same.accepted = provider.accepted
    house, other = House(ledger, provider, clock), House(ledger, same, clock, owner="b")
    queue(ledger)
    provider.gate, same.gate = asyncio.Event(), asyncio.Event()
    await house.sender.look()
    await called(provider)
    clock.go(LEASE_S + 1)
    await other.sender.look()
    await called(same)
    assert (row(ledger)["state"], row(ledger)["owner"]) == ("ON_WIRE", "b")
    provider.gate.set()
    await house.sender.finish(5)
    assert row(ledger)["state"] == "ON_WIRE"
    same.gate.set()
    await other.sender.finish(5)
    assert (row(ledger)["state"], row(ledger)["token"]) == ("SENT", 2)
    assert provider.calls == same.calls
    assert len(provider.accepted) == 1


async def test_a_slow_call_keeps_its_lease(ledger: Ledger, provider: Provider, house: House, clock: Clock) -> None:
    queue(ledger)
    provider.gate = asyncio.Event()
    await house.sender.look()
    await called(provider)
    other = House(ledger, provider, clock, owner="b")
    for _ in range(20):
        clock.go(LEASE_S / 3)
        await house.sender.look()
        assert await other.round() == 0
    assert states(ledger) == {"i-1": "ON_WIRE"}
    provider.gate.set()
    await house.sender.finish(5)
    assert states(ledger) == {"i-1": "SENT"}


async def test_a_process_that_slept_through_its_lease_does_not_begin_to_send(
    ledger: Ledger, provider: Provider, clock: Clock
) -> None:
    def sleeps(step: str) -> None:
        if step == "wire.committed":
            clock.go(LEASE_S)

    queue(ledger)
    await House(ledger, provider, clock, step=sleeps).round()
    assert provider.calls == []
    assert states(ledger) == {"i-1": "PENDING"}


async def test_a_stop_lets_calls_end_and_gives_back_what_was_not_begun(
    ledger: Ledger, provider: Provider, clock: Clock
) -> None:
    queue(ledger, 6)
    provider.gate = asyncio.Event()
    house = House(ledger, provider, clock)
    sender = Sender(house.claims, {"email": provider}, in_thread, chance=lambda: 0.5, places=3)
    stop, bell = asyncio.Event(), Bell()
    serving = asyncio.create_task(sender.serve(stop, bell))
    async with asyncio.timeout(20):
        while len(provider.calls) < 3:
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.sleep(0)
        provider.gate.set()
        await serving
    assert sorted(states(ledger).values()) == ["PENDING"] * 3 + ["SENT"] * 3


async def test_a_call_cut_off_at_the_end_is_unclear(ledger: Ledger, provider: Provider, house: House) -> None:
    queue(ledger)
    provider.gate = asyncio.Event()
    await house.sender.look()
    await called(provider)
    await house.sender.finish(0.05)
    assert states(ledger) == {"i-1": "UNKNOWN"}


async def test_racing_senders_send_each_notification_once(ledger: Ledger, provider: Provider, clock: Clock) -> None:
    queue(ledger, 120)
    houses = [House(ledger, provider, clock, owner=name, threads=True, places=4) for name in "abcd"]

    async def work(house: House) -> int:
        done = 0
        while True:
            claimed = await house.round()
            done += claimed
            with ledger.read() as connection:
                if not counts.under_way(connection):
                    return done

    async with asyncio.timeout(120):
        shares = await asyncio.gather(*(work(house) for house in houses))
    assert sum(shares) == 120
    assert len(provider.accepted) == len(set(provider.accepted)) == 120
    assert set(states(ledger).values()) == {"SENT"}


def test_a_claim_of_a_row_that_moved_on_is_refused(ledger: Ledger, house: House) -> None:
    queue(ledger)
    (held,) = house.claims.take(1).held
    wrong = Held(msgspec.structs.replace(held.notice, token=7), held.leased_at)
    with ledger.write() as connection:
        assert claim(connection, wrong.notice, "b", NOW, NOW) is None
        assert not accept(connection, wrong.notice, Receipt(), NOW, NOW)
        assert not end(connection, wrong.notice, OutboxState.FAILED, "", "", NOW, NOW)
        assert not put_back(connection, wrong.notice, "", None, NOW, unclear=False)
        assert not rule_out(connection, wrong.notice, OutboxState.EXPIRED, "", None, NOW)
    assert house.claims.put_on_wire([wrong]) == []
    assert states(ledger) == {"i-1": "CLAIMED"}
