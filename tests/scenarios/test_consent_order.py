"""A no that stands before the issue in the journal is always heard, however the readers take turns."""

import random
from pathlib import Path

import msgspec
import pytest

from ledger.database import Ledger
from ledger.deciding import read_decision
from models.events.base import Event
from models.events.order_step import OrderStep
from models.events.tick import Tick
from models.issues import Issue
from streams.roles.decide import Lane, decide_ready
from streams.roles.remember import take_in
from streams.topics import ADDRESSES, ISSUES, JOURNAL
from tests.outreach import LIMITS, address, consent, issue, new_ledger, states
from tests.reading import begin, read
from tests.sending import Clock, House, Provider

CUSTOMERS = [f"c-{number}" for number in range(6)]


def a_journal(chance: random.Random) -> tuple[list[Event], list[Issue], set[str]]:
    """Events in journal order, the issues found at some of them, and which of these must never be told.

    A no before the issue counts, unless a yes follows later: the ledger may have read that yes by then.
    """
    journal: list[Event] = [consent(customer, True) for customer in CUSTOMERS]
    issues: list[Issue] = []
    said = dict.fromkeys(CUSTOMERS, True)
    never: set[str] = set()
    for _ in range(chance.randint(10, 40)):
        customer = chance.choice(CUSTOMERS)
        kind = chance.choice(["issue", "issue", "no", "yes", "noise", "tick"])
        if kind == "issue":
            journal.append(msgspec.structs.replace(OrderStep.example(), subject=customer))
            found = issue(len(issues) + 1, customer=customer, offset=len(journal) - 1)
            issues.append(found)
            if not said[customer]:
                never.add(found.issue_id)
        elif kind in ("no", "yes"):
            journal.append(consent(customer, kind == "yes"))
            said[customer] = kind == "yes"
            if kind == "yes":
                never -= {one.issue_id for one in issues if one.customer_id == customer}
        else:
            journal.append(Tick.example() if kind == "tick" else OrderStep.example())
    return journal, issues, never


def run(ledger: Ledger, journal: list[Event], issues: list[Issue], chance: random.Random) -> None:
    """remember, decide and the sender take turns at random until all is read."""
    provider, clock = Provider(), Clock()
    house = House(ledger, provider, clock)
    take_in(ledger, [read(ADDRESSES, 0, 0, [address(customer) for customer in CUSTOMERS])])
    remembered = 0
    lane = Lane(read(ISSUES, 0, 0, issues))
    left = len(issues)
    while left or remembered < len(journal):
        turn = chance.choice(["remember", "decide", "send"])
        if turn == "remember" and remembered < len(journal):
            some = journal[remembered : remembered + chance.randint(1, 8)]
            take_in(ledger, [read(JOURNAL, 0, remembered, some)])
            remembered += len(some)
        elif turn == "decide" and left:
            done = decide_ready(ledger, [lane], LIMITS, clock.at, clock.at)
            taken = done.taken.get(lane.place, 0)
            lane.drop(taken)
            left -= taken
        elif turn == "send":
            house.claims.put_on_wire(house.claims.take(8).held)


@pytest.mark.parametrize("block", range(4))
def test_whoever_said_no_before_the_issue_is_never_told(block: int, tmp_path: Path) -> None:
    told_wrongly, noes, told = [], 0, 0
    for seed in range(block * 50, block * 50 + 50):
        chance = random.Random(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        ledger = new_ledger(folder)
        begin(ledger)
        journal, issues, never = a_journal(chance)
        if issues:
            run(ledger, journal, issues, chance)
        with ledger.read() as connection:
            decided = [read_decision(connection, one.issue_id) for one in issues]
        assert all(one and one.standing.journal_next > one.issue.journal_offset for one in decided), f"seed {seed}"
        on_wire = {one for one, state in states(ledger).items() if state == "ON_WIRE"}
        told_wrongly += [(seed, one) for one in on_wire & never]
        noes, told = noes + len(never), told + len(on_wire)
        ledger.close()
    assert told_wrongly == []
    assert noes > 50
    assert told > 50
