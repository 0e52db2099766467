"""Read-only figures of the ledger, for a terminal view, a summary, or a check. No contact data."""

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from ledger.columns import Utc
from ledger.tables import decisions, episodes, outbox, receipts, set_aside
from models.canary import PREFIX
from models.notifications import OutboxState


class Sent(msgspec.Struct, frozen=True):
    """One notification that a provider took. `sent_at` is a business time."""

    outreach_id: str
    issue_id: str
    customer_id: str
    object: str
    sent_at: datetime


def by_state(connection: Connection) -> dict[str, int]:
    """Notifications by where they stand; every state is named."""
    rows = connection.execute(select(outbox.c.state, func.count().label("rows")).group_by(outbox.c.state))
    found = {row.state: row.rows for row in rows}
    return {str(state): found.get(state, 0) for state in OutboxState}


def by_rule(connection: Connection, verdict: str = "hold") -> dict[str, int]:
    """Decisions of a verdict about customers by the rule behind them, most first; canaries are none."""
    amount = func.count().label("rows")
    people = decisions.c.customer_id.not_like(f"{PREFIX}%")
    query = select(decisions.c.rule, amount).where((decisions.c.verdict == verdict) & people).group_by(decisions.c.rule)
    return {row.rule: row.rows for row in connection.execute(query.order_by(amount.desc(), decisions.c.rule))}


def by_reason(connection: Connection, state: OutboxState) -> dict[str, int]:
    """Notifications of a state by the reason they ended there, most first."""
    amount = func.count().label("rows")
    query = select(outbox.c.reason, amount).where(outbox.c.state == state).group_by(outbox.c.reason)
    return {row.reason: row.rows for row in connection.execute(query.order_by(amount.desc(), outbox.c.reason))}


def sent(connection: Connection) -> list[Sent]:
    """All that providers took, in order of time."""
    c = outbox.c
    query = select(c.outreach_id, c.issue_id, c.customer_id, c.object, c.sent_at).where(c.state == OutboxState.SENT)
    return [Sent(*row) for row in connection.execute(query.order_by(c.sent_at, c.outreach_id))]


def under_way(connection: Connection) -> int:
    """Notifications that wait or are being sent: 0 when all that was decided is done."""
    moving = outbox.c.state.in_([OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.ON_WIRE])
    return connection.scalar(select(func.count()).select_from(outbox).where(moving)) or 0


def due(connection: Connection, now: datetime) -> int:
    """Notifications that may go out by `now` (business time) or are being sent."""
    held = outbox.c.state.in_([OutboxState.CLAIMED, OutboxState.ON_WIRE])
    return connection.scalar(select(func.count()).select_from(outbox).where(held | _waits(now))) or 0


def decided(connection: Connection) -> int:
    """Issues of customers that have a decision; canaries are none."""
    people = decisions.c.customer_id.not_like(f"{PREFIX}%")
    return connection.scalar(select(func.count()).select_from(decisions).where(people)) or 0


def open_episodes(connection: Connection) -> int:
    """Troubles of customers that have not ended; canaries are none."""
    people = episodes.c.customer_id.not_like(f"{PREFIX}%")
    query = select(func.count()).select_from(episodes).where(episodes.c.closed_at.is_(None) & people)
    return connection.scalar(query) or 0


def records_set_aside(connection: Connection) -> int:
    """Records that a reader of the ledger could not take in."""
    return connection.scalar(select(func.count()).select_from(set_aside)) or 0


_UNFINISHED = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.ON_WIRE, OutboxState.UNKNOWN)


def unfinished(connection: Connection) -> dict[str, int]:
    """Notifications that have not ended, by state; every such state is named."""
    c = outbox.c
    query = select(c.state, func.count().label("rows")).where(c.state.in_(_UNFINISHED)).group_by(c.state)
    found = {row.state: row.rows for row in connection.execute(query)}
    return {str(state): found.get(state, 0) for state in _UNFINISHED}


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Since when the oldest notification has been waiting that may go out by `now` (business time)."""
    oldest: datetime | None = connection.scalar(select(func.min(outbox.c.not_before, type_=Utc)).where(_waits(now)))
    return oldest


def _waits(now: datetime) -> ColumnElement[bool]:
    return (outbox.c.state == OutboxState.PENDING) & (outbox.c.not_before <= now)


def open_by_detector(connection: Connection) -> dict[str, int]:
    """Troubles that have not ended, by detector. Canaries are none."""
    c, amount = episodes.c, func.count().label("rows")
    there = c.closed_at.is_(None) & c.customer_id.not_like(f"{PREFIX}%")
    query = select(c.detector, amount).where(there).group_by(c.detector)
    return {row.detector: row.rows for row in connection.execute(query)}


def accepted_twice(connection: Connection) -> int:
    """Notifications that a provider took more than once, by the receipts."""
    c = receipts.c
    of_one = select(c.outreach_id).where(c.outcome == OutboxState.SENT).group_by(c.outreach_id)
    twice = of_one.having(func.count() > 1).subquery()
    return connection.scalar(select(func.count()).select_from(twice)) or 0


def spoken_since(connection: Connection, since: datetime) -> list[datetime]:
    """When, in business time, each notification later than `since` went on the wire; what failed is not counted."""
    out = [OutboxState.ON_WIRE, OutboxState.SENT, OutboxState.UNKNOWN]
    query = select(outbox.c.told_at).where(outbox.c.state.in_(out) & (outbox.c.told_at > since))
    return list(connection.scalars(query))


def claimed(connection: Connection) -> int:
    """Notifications that a sender holds and has not put on the wire."""
    query = select(func.count()).select_from(outbox).where(outbox.c.state == OutboxState.CLAIMED)
    return connection.scalar(query) or 0
