"""A person settles what may or may not have been sent, and it is on record, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ledger import acts, counts, settling
from ledger.acts import Act
from ledger.database import Ledger
from ledger.tables import receipts
from tests.outreach import NOW, states
from tests.sending import Clock, House, Provider, queue, row


async def lost(ledger: Ledger, provider: Provider, house: House) -> str:
    """One notification whose call ended without an answer; its id."""
    queue(ledger)
    provider.plan = ["accept_then_lost"]
    await house.round()
    assert states(ledger) == {"i-1": "UNKNOWN"}
    return str(row(ledger)["outreach_id"])


async def test_what_was_sent_after_all_has_the_time_it_left_and_is_no_duplicate(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    name = await lost(ledger, provider, house)
    left_at = row(ledger)["told_at"]
    clock.go(3600)
    with ledger.write() as connection:
        [one] = settling.unclear(connection, 10)
        assert (one.outreach_id, one.channel, settling.how_many(connection)) == (name, "email", 1)
        assert settling.settle_sent(connection, name, "ann: seen in the log", clock.at)
        assert not settling.settle_sent(connection, name, "bob: me too", clock.at)
        assert not settling.settle_not_sent(connection, name, clock.at)
    kept = row(ledger)
    assert (kept["state"], kept["sent_at"], kept["reason"]) == ("SENT", left_at, "settled")
    with ledger.read() as connection:
        [receipt] = connection.execute(select(receipts)).all()
        assert (receipt.outcome, receipt.detail) == ("SENT", "ann: seen in the log")
        assert (counts.accepted_twice(connection), settling.how_many(connection)) == (0, 0)
    assert await house.round() == 0
    assert len(provider.calls) == 1


async def test_what_was_surely_not_sent_goes_out_once_more(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    provider.plan = ["lost"]
    await house.round()
    name = str(row(ledger)["outreach_id"])
    with ledger.write() as connection:
        assert settling.settle_not_sent(connection, name, clock.at)
    assert states(ledger) == {"i-1": "PENDING"}
    clock.go(1)
    assert [await house.round(), await house.round()] == [1, 0]
    assert states(ledger) == {"i-1": "SENT"}
    assert (len(provider.calls), len(provider.accepted)) == (2, 1)


@pytest.mark.parametrize("state", ["nobody", "PENDING"])
def test_only_what_is_unknown_can_be_settled(ledger: Ledger, state: str) -> None:
    queue(ledger)
    name = "nobody" if state == "nobody" else str(row(ledger)["outreach_id"])
    with ledger.write() as connection:
        assert not settling.settle_sent(connection, name, "x", NOW)
        assert not settling.settle_not_sent(connection, name, NOW)
    assert states(ledger) == {"i-1": "PENDING"}


def test_acts_are_kept_in_their_order_and_cut_to_size(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for number in range(3):
            at = NOW + timedelta(minutes=number)
            acts.record(connection, Act(at=at, by="a" * 99, what="halt", about=f"o-{number}", reason="r" * 999))
        found = acts.latest(connection, 2)
    assert [one.about for one in found] == ["o-2", "o-1"]
    assert (len(found[0].by), len(found[0].reason), found[0].at) == (64, 300, NOW + timedelta(minutes=2))
