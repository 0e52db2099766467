"""Who takes which notifications, and how an arrival ends their rest, on both databases."""

from datetime import timedelta

from sqlalchemy import select, update

from ledger.database import Ledger
from ledger.outbox import ALL, Share, is_due, resting, waiting, wake
from ledger.tables import outbox
from models.decisions import Limits
from tests.outreach import LIMITS, NOW, address, consent, decide, issue, remember


def queue(ledger: Ledger) -> None:
    """One by mail, one into a session, for each of two customers."""
    in_session = Limits(channels=("in_app",), cooldown=timedelta(0))
    for number in (1, 2):
        remember(ledger, consent(f"c-{number}", True, "*"), address(f"c-{number}"))
        mail, session = issue(number), issue(number + 10, customer=f"c-{number}", detector="stuck_checkout")
        assert decide(ledger, mail, limits=LIMITS) == decide(ledger, session, limits=in_session) == 1


def taken(ledger: Ledger, share: Share) -> list[str]:
    with ledger.write() as connection:
        found = waiting(connection, NOW, NOW, 100, share)
        assert is_due(connection, NOW, NOW, share) == bool(found)
        return sorted(notice.decision.issue.issue_id for notice in found)


def test_each_sender_takes_its_own_share_and_together_they_take_all(ledger: Ledger) -> None:
    queue(ledger)
    assert taken(ledger, Share(("in_app",), without=False)) == ["i-11", "i-12"]
    assert taken(ledger, Share(("in_app",), without=True)) == ["i-1", "i-2"]
    assert taken(ledger, ALL) == ["i-1", "i-11", "i-12", "i-2"]
    assert taken(ledger, Share((), without=False)) == []


def test_an_arrival_ends_the_rest_of_this_customer_on_this_channel_and_of_nothing_else(ledger: Ledger) -> None:
    queue(ledger)
    with ledger.write() as connection:
        connection.execute(update(outbox).values(real_retry_at=NOW + timedelta(minutes=5)))
    assert taken(ledger, ALL) == []
    with ledger.write() as connection:
        assert resting(connection, "c-1", "in_app", NOW)
        assert wake(connection, "c-1", "in_app", NOW) == 1
        assert not resting(connection, "c-1", "in_app", NOW)
        assert wake(connection, "c-1", "in_app", NOW) == 0
    assert taken(ledger, ALL) == ["i-11"]
    with ledger.read() as connection:
        rests = connection.scalars(select(outbox.c.issue_id).where(outbox.c.real_retry_at.is_not(None)))
        assert sorted(rests) == ["i-1", "i-12", "i-2"]
