"""What must hold of a run, whatever was killed meanwhile. Each check says what does not hold."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select

from desk.replay import replay
from desk.sources.feed import Sent
from ledger.tables import decisions, outbox
from models.events.catalogue import decode
from models.events.feed_progressed import FeedProgressed
from models.issues import Issue, decode_issue
from models.notifications import OutboxState
from tests.e2e.house import PARTITIONS, House
from tests.e2e.topic_reading import flat, read_topic

FINAL = {
    OutboxState.SENT, OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.SUPPRESSED, OutboxState.EXPIRED,
    OutboxState.CANCELLED,
}  # fmt: skip


def produced_for_the_journal(fed: Iterable[Sent]) -> Counter[tuple[str, str]]:
    """(source, id) of every event that belongs into the journal."""
    return Counter(
        (event.source, event.id)
        for topic, _, event in fed
        if topic != "addresses.v1"
        and not isinstance(event, FeedProgressed)
        and event.type_name() != "entity.measured.v1"
    )


def journal_holds_every_event_exactly_once(house: House) -> None:
    wanted = produced_for_the_journal(house.fed)
    found: Counter[tuple[str, str]] = Counter()
    for raw in flat(read_topic(house.settings.kafka, "journal.v1", PARTITIONS)):
        event = decode(raw)
        if not event.internal:
            found[event.source, event.id] += 1
    assert found == wanted, f"missing {list(wanted - found)[:3]}, too many {list(found - wanted)[:3]}"


def issues(house: House) -> list[list[Issue]]:
    return [
        [decode_issue(raw) for _, _, raw in part] for part in read_topic(house.settings.kafka, "issues.v1", PARTITIONS)
    ]


def issues_equal_an_offline_replay(house: House) -> int:
    """Identical records in identical order, partition by partition. Returns how many there are."""
    journal = read_topic(house.settings.kafka, "journal.v1", PARTITIONS)
    live = issues(house)
    for number, part in enumerate(journal):
        offline = replay([(offset, raw) for offset, _, raw in part], number)
        assert offline == live[number], f"partition {number}: {len(offline)} offline, {len(live[number])} live"
    return sum(map(len, live))


def every_issue_has_exactly_one_decision(house: House) -> int:
    opened = {issue.issue_id for part in issues(house) for issue in part}
    with house.ledger.read() as connection:
        decided = Counter(connection.scalars(select(decisions.c.issue_id)))
    assert set(decided) == opened, (
        f"undecided {len(opened - set(decided))}, without an issue {len(set(decided) - opened)}"
    )
    assert set(decided.values()) <= {1}
    return len(decided)


def outbox_states(house: House) -> dict[str, str]:
    with house.ledger.read() as connection:
        rows = connection.execute(select(outbox.c.outreach_id, outbox.c.state))
        return {row.outreach_id: row.state for row in rows}


def every_row_is_final_or_unknown(house: House) -> None:
    open_rows = Counter(state for state in outbox_states(house).values() if state not in FINAL)
    assert not open_rows, f"still open: {dict(open_rows)}"


def mails_and_rows_match(house: House) -> Counter[str]:
    """No duplicate; every mail has one row, SENT or UNKNOWN; every SENT row has one mail. Returns rows by state."""
    mails = Counter(mail.message_id.strip("<>").split("@")[0] for mail in house.mails())
    rows = outbox_states(house)
    assert {about: count for about, count in mails.items() if count > 1} == {}
    assert {about for about in mails if rows.get(about) not in (OutboxState.SENT, OutboxState.UNKNOWN)} == set()
    assert {about for about, state in rows.items() if state == OutboxState.SENT} - set(mails) == set()
    return Counter(rows.values())


def check_all(house: House, least_issues: int) -> Counter[str]:
    """Every promise, and that the run was worth asking: returns the outbox rows by state."""
    journal_holds_every_event_exactly_once(house)
    assert issues_equal_an_offline_replay(house) >= least_issues
    assert every_issue_has_exactly_one_decision(house) >= least_issues
    every_row_is_final_or_unknown(house)
    return mails_and_rows_match(house)


def all_hold(house: House) -> bool:
    """Whether everything that comes true with time has come true."""
    try:
        check_all(house, least_issues=0)
    except AssertionError:
        return False
    return True


def issues_are_complete(house: House) -> bool:
    """Whether detection has said all that the journal of now gives."""
    try:
        issues_equal_an_offline_replay(house)
    except AssertionError:
        return False
    return True


def every_issue_is_decided(house: House) -> bool:
    """Whether there are issues, and the ledger has decided each that is there now."""
    try:
        return every_issue_has_exactly_one_decision(house) > 0
    except AssertionError:
        return False
