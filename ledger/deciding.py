"""Decisions, episodes and the outbox rows that follow from them, written together."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from ledger.tables import decisions, episodes, outbox
from models.decisions import Decision
from models.notifications import OutboxState, outreach_id

Trouble = tuple[str, str, str]
"""Customer, detector, object: what may be open only once."""

_CHUNK = 500
LONGEST_STAGE = 64
"""What the outbox keeps of a stage's name, and of a cause's id."""


class Page(msgspec.Struct):
    """What one batch of issues changes."""

    decisions: list[Decision] = []
    opened: dict[str, Trouble] = {}
    """Issue -> trouble, for the episodes that begin."""
    closed: dict[str, datetime] = {}
    """Issue -> its end, also for an episode that begins in the same batch."""


def decided(connection: Connection, issue_ids: Iterable[str]) -> set[str]:
    """Which of these issues have a decision."""
    found: set[str] = set()
    for some in _chunks(issue_ids):
        found.update(connection.scalars(select(decisions.c.issue_id).where(decisions.c.issue_id.in_(some))))
    return found


def open_troubles(connection: Connection, customer_ids: Iterable[str]) -> dict[Trouble, str]:
    """The open episodes of these customers, with their issues."""
    found: dict[Trouble, str] = {}
    c = episodes.c
    for some in _chunks(customer_ids):
        rows = connection.execute(select(episodes).where(c.customer_id.in_(some) & c.closed_at.is_(None)))
        found.update({(row.customer_id, row.detector, row.object): row.issue_id for row in rows})
    return found


def ended(connection: Connection, issue_ids: Iterable[str]) -> set[str]:
    """Which of these issues have an episode that is over."""
    found: set[str] = set()
    c = episodes.c
    for some in _chunks(issue_ids):
        over = select(c.issue_id).where(c.issue_id.in_(some) & c.closed_at.is_not(None))
        found.update(connection.scalars(over))
    return found


def write(connection: Connection, page: Page, real_now: datetime) -> int:
    """Write a page in the caller's transaction; the number of notifications that now wait to be sent."""
    if page.closed:
        connection.execute(_CLOSE, [{"of_issue": issue, "at": at} for issue, at in page.closed.items()])
        connection.execute(_CANCEL, [{"of_issue": issue, "real_now": real_now} for issue in page.closed])
    if page.decisions:
        connection.execute(insert(decisions), [_decision_row(one) for one in page.decisions])
    begun = [one.issue for one in page.decisions if one.issue.issue_id in page.opened]
    if begun:
        connection.execute(
            insert(episodes),
            [
                {
                    "issue_id": issue.issue_id,
                    "customer_id": issue.customer_id,
                    "detector": issue.detector,
                    "object": issue.object,
                    "opened_at": issue.opened_at,
                    "closed_at": page.closed.get(issue.issue_id),
                }
                for issue in begun
            ],
        )
    told = [_outbox_row(one, page.closed, real_now) for one in page.decisions if one.verdict == "tell"]
    if told:
        connection.execute(insert(outbox), told)
    return sum(row["state"] == OutboxState.PENDING for row in told)


def read_decision(connection: Connection, issue_id: str) -> Decision | None:
    """A decision as it was made, with all its inputs."""
    record = connection.scalar(select(decisions.c.record).where(decisions.c.issue_id == issue_id))
    return None if record is None else decode_decision(record)


def decode_decision(record: str) -> Decision:
    """A decision from its stored form."""
    return _DECODER.decode(record)


def _decision_row(decision: Decision) -> dict[str, object]:
    return {
        "issue_id": decision.issue.issue_id,
        "customer_id": decision.issue.customer_id,
        "verdict": decision.verdict,
        "rule": decision.rule,
        "decided_at": decision.decided_at,
        "record": _ENCODER.encode(decision).decode(),
    }


def _outbox_row(decision: Decision, closed: Collection[str], real_now: datetime) -> dict[str, object]:
    issue = decision.issue
    over = issue.issue_id in closed
    return {
        "outreach_id": outreach_id(issue.issue_id, decision.channel),
        "issue_id": issue.issue_id,
        "customer_id": issue.customer_id,
        "detector": issue.detector,
        "object": issue.object,
        "channel": decision.channel,
        "state": OutboxState.CANCELLED if over else OutboxState.PENDING,
        "reason": "resolved" if over else "",
        "queued_at": decision.decided_at,
        "not_before": decision.not_before or decision.decided_at,
        "expires_at": decision.expires_at,
        "told_at": decision.decided_at,
        "severity": issue.severity,
        "stage": issue.stage[:LONGEST_STAGE],
        "cause": issue.cause[:LONGEST_STAGE],
        "real_changed_at": real_now,
    }


def _chunks(ids: Iterable[str]) -> Iterable[Sequence[str]]:
    listed = sorted(set(ids))
    return (listed[start : start + _CHUNK] for start in range(0, len(listed), _CHUNK))


_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(Decision)
_CLOSE = (
    update(episodes)
    .where((episodes.c.issue_id == bindparam("of_issue")) & episodes.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
)
_CANCEL = (
    update(outbox)
    .where(
        (outbox.c.issue_id == bindparam("of_issue"))
        & (outbox.c.state == OutboxState.PENDING)
        & outbox.c.real_first_wire_at.is_(None)  # one that may have been accepted is left to the sender
    )
    .values(state=OutboxState.CANCELLED, reason="resolved", real_changed_at=bindparam("real_now"))
)
