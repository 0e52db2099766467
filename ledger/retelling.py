"""What the ledger has on record about an issue or a customer, to be retold."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from ledger.deciding import decode_decision
from ledger.tables import decisions, outbox, receipts
from models.decisions import Decision

_LEAST = 8
"""Characters of an issue's id that are enough to name it."""


class Sent(msgspec.Struct, frozen=True):
    """What became of a notification."""

    outreach_id: str
    channel: str
    state: str
    reason: str
    sent_at: datetime | None
    receipts: list[tuple[datetime, str, str]]
    """When, outcome and detail of every call."""


class OnRecord(msgspec.Struct, frozen=True):
    """A decision with all its inputs, and the notification that followed from it, if any."""

    decision: Decision
    sent: Sent | None


def on_record(connection: Connection, key: str) -> list[OnRecord]:
    """Decisions about the issue `key` (its id, or its first 8 characters and more) or the customer `key`."""
    named = (decisions.c.issue_id == key) | (decisions.c.customer_id == key)
    if len(key) >= _LEAST:
        named = named | decisions.c.issue_id.startswith(key, autoescape=True)
    rows = connection.execute(select(decisions.c.record).where(named).order_by(decisions.c.decided_at)).scalars()
    found = [decode_decision(record) for record in rows]
    return [OnRecord(one, _sent(connection, one.issue.issue_id)) for one in found]


def _sent(connection: Connection, issue_id: str) -> Sent | None:
    row = connection.execute(select(outbox).where(outbox.c.issue_id == issue_id)).one_or_none()
    if row is None:
        return None
    of_it = select(receipts).where(receipts.c.outreach_id == row.outreach_id).order_by(receipts.c.token)
    calls = [(one.at, one.outcome, one.detail) for one in connection.execute(of_it)]
    return Sent(row.outreach_id, row.channel, row.state, row.reason, row.sent_at, calls)
