"""Decisions, episodes and what waits to be sent, on both databases."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from ledger import counts
from ledger.database import Ledger
from ledger.deciding import ended, open_troubles, read_decision
from ledger.standing import standings
from ledger.tables import decisions, episodes, outbox
from models.decisions import Limits
from models.notifications import OutboxState, outreach_id
from notifiers.decide import decide as ask_the_rules
from tests.outreach import LIMITS, NOW, address, consent, decide, issue, outbox_row, remember, states

ONE = LIMITS
DAILY = Limits(cooldown=timedelta(hours=12), cap_per_day=2, cap_per_week=4)


@pytest.fixture(autouse=True)
def customers(ledger: Ledger) -> None:
    for name in ("c", "c-1", "c-2", "c-3"):
        remember(ledger, consent(name, True), address(name))


def rule_of(ledger: Ledger, issue_id: str) -> tuple[str, str]:
    with ledger.read() as connection:
        decision = read_decision(connection, issue_id)
    assert decision is not None
    return decision.verdict, decision.rule


def amount(ledger: Ledger) -> tuple[int, int, int]:
    with ledger.read() as connection:
        found = [connection.scalar(select(func.count()).select_from(one)) for one in (decisions, episodes, outbox)]
    return int(found[0] or 0), int(found[1] or 0), int(found[2] or 0)


def test_an_issue_is_decided_once_for_ever(ledger: Ledger) -> None:
    assert decide(ledger, issue(1)) == 1
    assert decide(ledger, issue(1), issue(1, change="updated"), issue(1), now=NOW + timedelta(minutes=1)) == 0
    decide(ledger, issue(1, change="resolved"))
    assert decide(ledger, issue(1), now=NOW + timedelta(minutes=2)) == 0
    assert amount(ledger) == (1, 1, 1)


def test_the_same_issue_twice_in_one_batch_is_decided_once(ledger: Ledger) -> None:
    assert decide(ledger, issue(1), issue(1), issue(1, change="updated")) == 1
    assert amount(ledger) == (1, 1, 1)


def test_a_second_issue_of_an_open_trouble_is_held_and_its_end_does_not_end_the_first(ledger: Ledger) -> None:
    first, second = issue(1, customer="c", about="o"), issue(2, customer="c", about="o")
    decide(ledger, first)
    decide(ledger, second, issue(2, customer="c", about="o", change="resolved"))
    assert rule_of(ledger, "i-2") == ("hold", "already_open")
    with ledger.read() as connection:
        assert open_troubles(connection, ["c"]) == {("c", "payment_retry_loop", "o"): "i-1"}
    decide(ledger, issue(1, customer="c", about="o", change="resolved"), issue(3, customer="c", about="o"))
    assert rule_of(ledger, "i-3")[1] != "already_open"


def test_the_guard_of_one_open_episode_is_in_the_database_itself(ledger: Ledger) -> None:
    row = {"customer_id": "c", "detector": "d", "object": "o", "opened_at": NOW, "closed_at": None}
    with ledger.write() as connection:
        connection.execute(insert(episodes), [row | {"issue_id": "a", "closed_at": NOW}, row | {"issue_id": "b"}])
    with pytest.raises(IntegrityError), ledger.write() as connection:
        connection.execute(insert(episodes), [row | {"issue_id": "x"}])


def test_an_end_takes_back_what_still_waits_and_nothing_else(ledger: Ledger) -> None:
    decide(ledger, issue(1), issue(2), issue(3))
    with ledger.write() as connection:
        connection.execute(outbox.update().where(outbox.c.issue_id == "i-2").values(state=OutboxState.SENT))
    decide(ledger, *(issue(number, change="resolved") for number in (1, 2)))
    assert states(ledger) == {"i-1": "CANCELLED", "i-2": "SENT", "i-3": "PENDING"}
    with ledger.read() as connection:
        assert ended(connection, ["i-1", "i-2", "i-3"]) == {"i-1", "i-2"}


def test_opened_and_over_in_one_batch_is_never_queued(ledger: Ledger) -> None:
    assert decide(ledger, issue(1), issue(1, change="resolved"), issue(2)) == 1
    assert states(ledger) == {"i-1": "CANCELLED", "i-2": "PENDING"}


def test_a_row_that_may_have_been_accepted_is_not_called_off(ledger: Ledger) -> None:
    decide(ledger, issue(1))
    with ledger.write() as connection:
        connection.execute(outbox.update().values(real_first_wire_at=NOW))
    decide(ledger, issue(1, change="resolved"))
    assert states(ledger) == {"i-1": "PENDING"}


def test_what_is_decided_first_counts_for_what_follows_in_the_batch(ledger: Ledger) -> None:
    together = [issue(number, customer="c", about=f"o-{number}") for number in (1, 2)]
    decide(ledger, *together, limits=DAILY)
    assert [rule_of(ledger, one.issue_id)[1] for one in together] == ["clear", "cooldown"]


def test_what_was_sent_counts_also_when_its_trouble_ends_in_the_same_batch(ledger: Ledger) -> None:
    decide(ledger, issue(1, customer="c"), issue(2, customer="c-1"), limits=DAILY)
    with ledger.write() as connection:
        connection.execute(outbox.update().where(outbox.c.issue_id == "i-1").values(state=OutboxState.SENT))
    over = [issue(1, customer="c", change="resolved"), issue(2, customer="c-1", change="resolved")]
    decide(ledger, *over, issue(3, customer="c"), issue(4, customer="c-1"), limits=DAILY)
    assert [rule_of(ledger, f"i-{number}")[1] for number in (3, 4)] == ["cooldown", "clear"]


def test_batches_of_any_size_give_the_same_decisions(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.outreach import new_ledger

    issues = [issue(n, customer=f"c-{n % 3 + 1}", about=f"o-{n % 5}", detector=f"d{n % 2}") for n in range(40)]
    issues += [msgspec.structs.replace(one, change="resolved") for one in issues[::3]] + issues[10:20]
    decide(ledger, *issues, limits=DAILY)
    single = new_ledger(tmp_path_factory.mktemp("single"))
    for name in ("c-1", "c-2", "c-3"):
        remember(single, consent(name, True), address(name))
    for one in issues:
        decide(single, one, limits=DAILY)
    assert [rule_of(ledger, f"i-{n}") for n in range(40)] == [rule_of(single, f"i-{n}") for n in range(40)]
    assert states(ledger) == states(single)
    single.close()


def test_a_decision_recomputes_bit_for_bit_from_its_record(ledger: Ledger) -> None:
    odd = msgspec.structs.replace(issue(1), score=0.1 + 0.2, probability=1e-17)
    decide(ledger, odd, issue(2, customer="c-1", about="x"), issue(3, customer="nobody"), limits=DAILY)
    for number in (1, 2, 3):
        with ledger.read() as connection:
            kept = read_decision(connection, f"i-{number}")
        assert kept is not None
        again = ask_the_rules(kept.issue, kept.standing, kept.limits, kept.decided_at)
        assert msgspec.json.encode(again) == msgspec.json.encode(kept)


def test_the_outbox_row_names_the_channel_and_holds_no_contact(ledger: Ledger) -> None:
    decide(ledger, issue(1))
    with ledger.read() as connection:
        row = outbox_row(connection, "i-1")
        record = connection.scalar(select(decisions.c.record))
    assert row["outreach_id"] == outreach_id("i-1", "email")
    assert (row["channel"], row["state"], row["told_at"], row["attempts"]) == ("email", "PENDING", NOW, 0)
    assert "example.org" not in str(row) + str(record)


def test_what_was_said_is_told_newest_first_and_what_was_not_is_left_out(ledger: Ledger) -> None:
    for number in range(1, 7):
        decide(ledger, issue(number, customer="c"), now=NOW + timedelta(minutes=number))
    kept = {1: OutboxState.SENT, 2: OutboxState.FAILED, 3: OutboxState.UNKNOWN, 4: OutboxState.SUPPRESSED}
    with ledger.write() as connection:
        for number, state in kept.items():
            connection.execute(outbox.update().where(outbox.c.issue_id == f"i-{number}").values(state=state))
    with ledger.read() as connection:
        known = standings(connection, ["c"], NOW - timedelta(days=7))["c"]
        recent = standings(connection, ["c"], NOW + timedelta(minutes=5))["c"]
    assert [one.issue_id for one in known.told()] == ["i-6", "i-5", "i-3", "i-1"]
    fifth = (NOW + timedelta(minutes=5), outreach_id("i-5", "email"))
    assert [one.issue_id for one in known.told(before=fifth)] == ["i-3", "i-1"]
    assert [one.issue_id for one in recent.told()] == ["i-6", "i-5"]


def test_the_counts_name_every_state_and_the_rules_that_held(ledger: Ledger) -> None:
    decide(ledger, issue(1), issue(2), issue(3, customer="nobody"), issue(4, customer="c-1", about="o-1"))
    with ledger.write() as connection:
        sent = outbox.update().where(outbox.c.issue_id == "i-2").values(state=OutboxState.SENT, sent_at=NOW)
        connection.execute(sent)
    with ledger.read() as connection:
        by_state = counts.by_state(connection)
        assert set(by_state) == {str(state) for state in OutboxState}
        assert {state: rows for state, rows in by_state.items() if rows} == {"PENDING": 1, "SENT": 1}
        assert counts.by_rule(connection) == {"already_open": 1, "consent": 1}
        assert counts.by_rule(connection, "tell") == {"clear": 2}
        assert [(one.issue_id, one.customer_id, one.object, one.sent_at) for one in counts.sent(connection)] == [
            ("i-2", "c-2", "o-2", NOW)
        ]
        assert (counts.under_way(connection), counts.decided(connection), counts.open_episodes(connection)) == (1, 4, 3)
        assert counts.by_reason(connection, OutboxState.SENT) == {"": 1}
        assert [counts.due(connection, NOW + timedelta(hours=hours)) for hours in (-1, 1)] == [0, 1]


def test_what_was_said_of_the_same_object_is_remembered_without_end_and_how_bad_it_was(ledger: Ledger) -> None:
    later = NOW + timedelta(days=300)
    assert decide(ledger, issue(1, customer="c", about="o"), issue(2, customer="c", about="other")) == 2
    with ledger.write() as connection:
        connection.execute(outbox.update().values(state=OutboxState.SENT))
    decide(ledger, *(issue(n, customer="c", about=o, change="resolved") for n, o in ((1, "o"), (2, "other"))))
    decide(ledger, issue(3, customer="c", about="o", at=later), limits=DAILY, now=later)
    assert rule_of(ledger, "i-3") == ("hold", "told_already")
    with ledger.read() as connection:
        decision = read_decision(connection, "i-3")
    assert decision is not None
    assert [(one.issue_id, one.severity, one.stage) for one in decision.standing.told] == [("i-1", "high", "retrying")]
