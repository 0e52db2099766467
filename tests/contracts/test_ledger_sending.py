"""From the outbox to a provider, on both databases: every end that a call may have."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ledger.database import Ledger
from ledger.switches import BREAKER, OUTREACH, halt, halted, release
from ledger.tables import receipts
from models.decisions import Limits
from notifiers.breaker import Breaker
from tests.outreach import LIMITS, NOW, address, consent, decide, issue, remember, states
from tests.sending import Clock, House, Provider, keyed, queue, row


def receipt_of(ledger: Ledger) -> tuple[str, str, str]:
    with ledger.read() as connection:
        found = connection.execute(select(receipts)).one()
    return found.outcome, found.provider_id, found.detail


async def test_what_the_provider_takes_is_sent_once_with_its_receipt(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    clock.go(1)
    assert [await house.round() for _ in range(3)] == [1, 0, 0]
    kept = row(ledger)
    assert (kept["state"], kept["attempts"], kept["token"], kept["sent_at"]) == ("SENT", 1, 1, clock.at)
    assert receipt_of(ledger) == ("SENT", "q1", "250 queued for …")
    assert len(provider.calls) == 1


async def test_a_temporary_failure_is_tried_again_after_a_pause(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    provider.plan = ["temporary", "later"]
    assert await house.round() == 1
    kept = row(ledger)
    assert (kept["state"], kept["reason"], kept["real_first_wire_at"]) == ("PENDING", "TemporaryFailure", None)
    assert await house.round() == 0
    clock.go(0.75)
    assert await house.round() == 1
    assert row(ledger)["real_retry_at"] == clock.at + timedelta(seconds=120)
    clock.go(119.9)
    assert await house.round() == 0
    clock.go(0.1)
    assert await house.round() == 1
    assert (row(ledger)["state"], row(ledger)["attempts"]) == ("SENT", 3)


async def test_a_permanent_failure_ends_it_and_its_words_are_kept_without_the_address(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    provider.plan = ["permanent"]
    await house.round()
    clock.go(3600)
    assert await house.round() == 0
    assert states(ledger) == {"i-1": "FAILED"}
    assert receipt_of(ledger) == ("FAILED", "", "550 no such mailbox …")


@pytest.mark.parametrize("end", ["lost", "accept_then_lost", "accept_then_bug"])
async def test_an_unclear_end_without_a_key_is_never_tried_again(
    ledger: Ledger, provider: Provider, house: House, clock: Clock, end: str
) -> None:
    queue(ledger)
    provider.plan = [end]
    for _ in range(4):
        await house.round()
        clock.go(3600)
    assert states(ledger) == {"i-1": "UNKNOWN"}
    assert len(provider.calls) == 1


async def test_an_unclear_end_with_a_key_is_tried_again_with_the_very_same_message(
    ledger: Ledger, clock: Clock
) -> None:
    provider = keyed()
    house = House(ledger, provider, clock)
    queue(ledger)
    provider.plan = ["accept_then_lost", "temporary", "lost"]
    for _ in range(6):
        await house.round()
        clock.go(60)
    assert states(ledger) == {"i-1": "SENT"}
    assert len(provider.calls) == 4
    assert provider.calls[1:] == provider.calls[:-1]
    assert len(provider.accepted) == 1


async def test_a_key_is_not_trusted_near_the_end_of_its_window(ledger: Ledger, clock: Clock) -> None:
    provider = keyed(timedelta(minutes=10))
    house = House(ledger, provider, clock)
    queue(ledger)
    provider.plan = ["lost"]
    await house.round()
    assert states(ledger) == {"i-1": "PENDING"}
    clock.go(8 * 60)
    assert await house.round() == 0
    assert states(ledger) == {"i-1": "UNKNOWN"}


@pytest.mark.parametrize(("end", "state"), [("permanent", "UNKNOWN"), ("accept", "SENT")])
async def test_after_an_unclear_call_a_refusal_proves_nothing(
    ledger: Ledger, clock: Clock, end: str, state: str
) -> None:
    provider = keyed()
    house = House(ledger, provider, clock)
    queue(ledger)
    provider.plan = ["accept_then_lost", end]
    for _ in range(2):
        await house.round()
        clock.go(60)
    assert states(ledger) == {"i-1": state}


@pytest.mark.parametrize("change", ["address", "consent", "resolved"])
async def test_after_an_unclear_call_a_change_leaves_it_to_a_person(ledger: Ledger, clock: Clock, change: str) -> None:
    provider = keyed()
    house = House(ledger, provider, clock)
    queue(ledger)
    provider.plan = ["accept_then_lost"]
    await house.round()
    if change == "resolved":
        decide(ledger, issue(1, change="resolved"))
    else:
        remember(ledger, address("c-1", "new@example.org") if change == "address" else consent("c-1", False))
    clock.go(60)
    await house.round()
    assert states(ledger) == {"i-1": "UNKNOWN"}
    assert len(provider.calls) == 1


@pytest.mark.parametrize("between", ["decision and claim", "claim and wire"])
@pytest.mark.parametrize(("change", "state"), [("no", "SUPPRESSED"), ("over", "CANCELLED"), ("late", "EXPIRED")])
async def test_whatever_changes_before_the_first_byte_counts(
    ledger: Ledger, provider: Provider, house: House, clock: Clock, between: str, change: str, state: str
) -> None:
    queue(ledger)
    held = house.claims.take(8).held if between == "claim and wire" else []
    if change == "no":
        remember(ledger, consent("c-1", False))
    elif change == "over":
        decide(ledger, issue(1, change="resolved"))
    else:
        clock.go(LIMITS.time_to_live.total_seconds())
    if held:
        assert house.claims.put_on_wire(held) == []
    else:
        assert await house.round() == 0
    assert states(ledger) == {"i-1": state}
    assert provider.calls == []


async def test_a_rule_that_fails_lets_nothing_out(ledger: Ledger, provider: Provider, clock: Clock) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    queue(ledger)
    assert await House(ledger, provider, clock, look=broken).round() == 0
    assert states(ledger) == {"i-1": "SUPPRESSED"}


async def test_the_kill_switch_stops_what_waits_and_what_is_claimed(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger, 2)
    held = house.claims.take(1).held
    with ledger.write() as connection:
        halt(connection, OUTREACH, "by hand", NOW)
    assert house.claims.put_on_wire(held) == []
    assert await house.round() == 0
    assert states(ledger) == {"i-1": "PENDING", "i-2": "PENDING"}
    assert await House(ledger, provider, clock, outreach=False).round() == 0
    with ledger.write() as connection:
        assert halted(connection) == {"outreach": "by hand"}
        release(connection, OUTREACH, "it was a drill", NOW)
    assert await House(ledger, provider, clock, outreach=False).round() == 0
    assert await house.round() == 2
    assert set(states(ledger).values()) == {"SENT"}


async def test_far_more_sends_than_usual_stop_all_until_a_person_lets_them_go_on(
    ledger: Ledger, provider: Provider, clock: Clock
) -> None:
    house = House(ledger, provider, clock, breaker=Breaker(floor=10, times=5.0), places=4)
    queue(ledger, 25)
    for _ in range(8):
        await house.round()
    assert len(provider.accepted) == 10
    clock.go(3600)
    assert await house.round() == 0
    with ledger.write() as connection:
        assert halted(connection) == {BREAKER: "10 sends within 5 minutes"}
        release(connection, BREAKER, "two of us looked", clock.at)
    for _ in range(8):
        await house.round()
    assert len(provider.accepted) == 20


async def test_of_two_that_wait_the_earlier_does_not_give_way_to_the_later(
    ledger: Ledger, provider: Provider, house: House
) -> None:
    remember(ledger, consent("c", True), address("c"))
    one = Limits(cooldown=timedelta(0), cap_per_day=1, cap_per_week=1)
    wide = Limits(cooldown=timedelta(0), cap_per_day=9, cap_per_week=9)
    decide(ledger, issue(1, customer="c"), limits=one)
    decide(ledger, issue(2, customer="c"), limits=wide, now=NOW + timedelta(seconds=1))
    await house.round()
    assert states(ledger)["i-1"] == "SENT"
