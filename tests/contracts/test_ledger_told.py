"""Detection learns of what customers were told by the journal: all of it, and the same again when a process dies."""

from collections.abc import Sequence

from ledger.database import Ledger
from ledger.told import Word, known_to_journal, unknown_to_journal
from models.events.catalogue import encode
from models.events.customer_told import CustomerTold
from streams.telling import tell_journal
from tests.outreach import NOW, states
from tests.sending import Clock, House, Provider, queue, row


class Journal:
    """Takes events, until it is told to die."""

    def __init__(self) -> None:
        self.events: list[CustomerTold] = []
        self.dies = ""

    async def write(self, events: Sequence[CustomerTold]) -> None:
        """Raises `Killed` before or after the events are there."""
        if self.dies == "before":
            raise Killed
        self.events += events
        if self.dies == "after":
            raise Killed


class Killed(BaseException):
    """The process is gone."""


def unknown(ledger: Ledger, without: Sequence[str] = ("record",)) -> list[Word]:
    with ledger.read() as connection:
        return unknown_to_journal(connection, without, 10)


async def test_what_was_sent_and_what_may_have_been_is_told_and_nothing_else(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger, 4)
    assert unknown(ledger) == [], "nothing has left yet"
    provider.plan = ["accept", "lost", "permanent", "temporary"]
    await house.round()
    assert sorted(states(ledger).values()) == ["FAILED", "PENDING", "SENT", "UNKNOWN"]
    found = {word.issue_id: word for word in unknown(ledger)}
    kinds = {states(ledger)[issue]: word.certain for issue, word in found.items()}
    assert kinds == {"SENT": True, "UNKNOWN": False}
    assert {word.at for word in found.values()} == {NOW}
    assert unknown(ledger, ("email",)) == [], "a channel that reaches nobody"


async def test_whatever_ends_the_process_it_is_told_with_the_same_id_and_then_no_more(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    journal = Journal()
    queue(ledger)
    await house.round()
    for dies, written in (("before", 0), ("after", 1)):
        journal.dies = dies
        try:
            await tell_journal(ledger, journal.write)
        except Killed:
            assert len(journal.events) == written
            assert row(ledger)["in_journal"] is False
    journal.dies = ""
    assert [await tell_journal(ledger, journal.write) for _ in range(2)] == [1, 0]
    first, second = journal.events
    assert first == second
    assert first.id == f"told-{row(ledger)['outreach_id']}"
    assert (first.subject, first.data.object, first.time) == ("c-1", "o-1", NOW)
    assert b"@" not in encode(first), "no address"


async def test_one_that_was_unclear_is_not_told_again_when_it_is_settled(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    provider.plan = ["accept_then_lost"]
    await house.round()
    [word] = unknown(ledger)
    with ledger.write() as connection:
        known_to_journal(connection, [word.outreach_id])
        known_to_journal(connection, [])
    assert unknown(ledger) == []
