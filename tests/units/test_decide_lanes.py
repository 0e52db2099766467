"""What decide makes of the records it reads, and when."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger import counts, positions
from ledger.database import Ledger
from ledger.positions import PositionMoved
from ledger.remembering import SetAside
from ledger.tables import set_aside
from models.issues import Issue, encode_issue
from streams.roles.decide import AT_ONCE, Lane, decide_ready
from streams.roles.remember import take_in
from streams.topics import ISSUES, JOURNAL
from tests.outreach import LIMITS, NOW, consent, issue, new_ledger
from tests.reading import begin, read


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path)
    begin(made, 2)
    yield made
    made.close()


def remember_up_to(ledger: Ledger, partition: int, start: int, end: int) -> None:
    take_in(ledger, [read(JOURNAL, partition, start, [consent("c", True)] * (end - start))])


def decided(ledger: Ledger) -> tuple[int, int, int]:
    with ledger.read() as connection:
        at = [positions.next_offset(connection, "decide", ISSUES, partition) for partition in (0, 1)]
        return counts.decided(connection), at[0], at[1]


def test_issues_wait_for_their_place_in_the_journal_and_hold_up_only_their_own_partition(ledger: Ledger) -> None:
    zero = Lane(read(ISSUES, 0, 0, [issue(1, offset=0), issue(2, offset=4), issue(3, offset=1)]))
    one = Lane(read(ISSUES, 1, 0, [issue(4, partition=1, offset=0)]))
    remember_up_to(ledger, 0, 0, 4)
    done = decide_ready(ledger, [zero, one], LIMITS, NOW, NOW)
    assert done.taken == {(ISSUES, 0): 1}
    assert decided(ledger) == (1, 1, 0)
    assert not zero.drop(1)
    assert decide_ready(ledger, [zero, one], LIMITS, NOW, NOW).taken == {}
    remember_up_to(ledger, 0, 4, 5)
    remember_up_to(ledger, 1, 0, 1)
    assert decide_ready(ledger, [zero, one], LIMITS, NOW, NOW).taken == {(ISSUES, 0): 2, (ISSUES, 1): 1}
    assert zero.drop(2)
    assert decided(ledger) == (4, 3, 1)


def test_a_transaction_takes_a_bounded_number(ledger: Ledger) -> None:
    remember_up_to(ledger, 0, 0, 1)
    lane = Lane(read(ISSUES, 0, 0, [issue(number) for number in range(AT_ONCE + 7)]))
    assert decide_ready(ledger, [lane], LIMITS, NOW, NOW).taken == {(ISSUES, 0): AT_ONCE}
    lane.drop(AT_ONCE)
    assert decide_ready(ledger, [lane], LIMITS, NOW + timedelta(seconds=1), NOW).taken == {(ISSUES, 0): 7}
    assert decided(ledger) == (AT_ONCE + 7, AT_ONCE + 7, 0)


def test_records_that_are_no_issues_are_put_aside_and_the_others_decided(ledger: Ledger) -> None:
    remember_up_to(ledger, 0, 0, 1)
    long = issue(8, about="x" * 129)
    lane = Lane(read(ISSUES, 0, 0, [issue(1), b"{", None, b"\xff", issue(2, customer="a\x00"), long, issue(3)]))
    decide_ready(ledger, [lane], LIMITS, NOW, NOW)
    assert decided(ledger) == (2, 7, 0)
    with ledger.read() as connection:
        put_aside = connection.execute(select(set_aside.c.offset, set_aside.c.reason).order_by(set_aside.c.offset))
        assert [tuple(row) for row in put_aside] == [
            (1, "invalid"),
            (2, "invalid"),
            (3, "invalid"),
            (4, "not_allowed"),
            (5, "not_allowed"),
        ]


def test_of_two_that_decide_the_later_is_refused_and_decides_nothing(ledger: Ledger) -> None:
    remember_up_to(ledger, 0, 0, 1)
    ours, theirs = (Lane(read(ISSUES, 0, 0, [issue(number)])) for number in (1, 2))
    decide_ready(ledger, [ours], LIMITS, NOW, NOW)
    with pytest.raises(PositionMoved, match="another decide runs"):
        decide_ready(ledger, [theirs], LIMITS, NOW, NOW)
    assert decided(ledger) == (1, 1, 0)


def test_a_lane_reads_each_record_as_an_issue_or_sets_it_aside() -> None:
    lane = Lane(read(ISSUES, 0, 10, [encode_issue(issue(1)), b"?"]))
    first, second = lane.ready({0: 1}, 10)
    assert isinstance(first, Issue)
    assert isinstance(second, SetAside)
    assert second.offset == 11
    assert lane.journal_partitions() == {0}
