"""One order, trouble after trouble: the customer hears of it once, and again only when it became worse in kind."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from ledger.database import Ledger
from ledger.deciding import read_decision
from models.decisions import Decision, Limits
from models.issues import Issue, Severity
from notifiers.decide import decide as ask_the_rules
from tests.outreach import NOW, address, consent, decide, issue, new_ledger, remember, states
from tests.sending import Clock, House, Provider

USUAL = Limits(cap_per_day=100, cap_per_week=100)
HOURS = timedelta(hours=1)
PROMISED = {"promised_by": "2013-02-08T18:05:00Z"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path)
    remember(made, consent("c", True), address("c"))
    yield made
    made.close()


def trouble(number: int, hours: float, stage: str, severity: Severity = "medium", order: str = "A-17") -> Issue:
    """A new episode, found so many hours after the first."""
    plain = issue(number, customer="c", detector="late_delivery", about=order, at=NOW + hours * HOURS)
    evidence = msgspec.structs.replace(plain.evidence, facts=plain.evidence.facts | PROMISED | {"stage": stage})
    return msgspec.structs.replace(plain, evidence=evidence, severity=severity)


def goes_by(ledger: Ledger, found: Issue) -> Decision:
    """The episode begins, is decided, is told when that was decided, and ends."""
    decide(ledger, found, limits=USUAL, now=found.at)
    house = House(ledger, Provider(), Clock(found.at))
    house.claims.put_on_wire(house.claims.take(8).held)
    decide(ledger, msgspec.structs.replace(found, change="resolved"), limits=USUAL, now=found.at)
    with ledger.read() as connection:
        decision = read_decision(connection, found.issue_id)
    assert decision is not None
    return decision


def test_an_order_that_is_in_trouble_again_and_again_is_told_when_it_got_worse(ledger: Ledger) -> None:
    story = [
        trouble(1, 0, "at_risk"),
        trouble(2, 13, "at_risk"),  # past the cooldown
        trouble(3, 26, "waiting"),
        trouble(4, 39, "late", "high"),
        trouble(5, 52, "at_risk"),
        trouble(6, 65, "late", "high"),
        trouble(7, 78, "cancelled", "high"),
        trouble(8, 24 * 60, "cancelled", "high"),  # long after the cooldown and the caps have forgotten
    ]
    decisions = [goes_by(ledger, one) for one in story]
    assert [one.issue.issue_id for one in decisions if one.verdict == "tell"] == ["i-1", "i-4", "i-7"]
    assert {one.rule for one in decisions if one.verdict == "hold"} == {"told_already"}
    assert states(ledger) == {"i-1": "ON_WIRE", "i-4": "ON_WIRE", "i-7": "ON_WIRE"}
    assert all(ask_the_rules(one.issue, one.standing, one.limits, one.decided_at) == one for one in decisions)


def test_another_order_and_another_customer_are_told_all_the_same(ledger: Ledger) -> None:
    remember(ledger, consent("d", True), address("d"))
    goes_by(ledger, trouble(1, 0, "at_risk"))
    assert goes_by(ledger, trouble(2, 13, "at_risk", order="A-18")).verdict == "tell"
    assert goes_by(ledger, msgspec.structs.replace(trouble(3, 13, "at_risk"), customer_id="d")).verdict == "tell"


def test_what_was_taken_back_before_it_left_was_never_told(ledger: Ledger) -> None:
    first, second = trouble(1, 0, "at_risk"), trouble(2, 13, "at_risk")
    decide(ledger, first, limits=USUAL, now=first.at)
    decide(ledger, msgspec.structs.replace(first, change="resolved"), limits=USUAL, now=first.at)
    assert states(ledger) == {"i-1": "CANCELLED"}
    assert goes_by(ledger, second).verdict == "tell"
