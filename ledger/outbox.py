"""The outbox: who holds which notification, and how far it came. Every change names the state and token it expects."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, or_, select, update

from ledger.deciding import decode_decision
from ledger.tables import decisions, outbox
from models.decisions import Decision
from models.notifications import OutboxState

HELD = (OutboxState.CLAIMED, OutboxState.ON_WIRE)
"""States in which somebody's lease counts."""

_c = outbox.c


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notification whose time has come. `token` is the last one given out for it."""

    outreach_id: str
    decision: Decision
    queued_at: datetime
    told_at: datetime
    attempts: int
    token: int
    first_wire_at: datetime | None
    """Not None when an earlier call ended without a clear answer: only the very same body may be sent again."""
    body_hash: str

    @property
    def channel(self) -> str:
        """Which way it goes."""
        return self.decision.channel

    @property
    def customer_id(self) -> str:
        """Whom it is for."""
        return self.decision.issue.customer_id


class Share(msgspec.Struct, frozen=True):
    """The channels whose notifications a sender takes: these, or all but these."""

    channels: tuple[str, ...] = ()
    without: bool = True


ALL = Share()


def _due(without: bool) -> ColumnElement[bool]:
    rested = or_(_c.real_retry_at.is_(None), _c.real_retry_at <= bindparam("real_now"))
    named = _c.channel.in_(bindparam("channels", expanding=True))
    ours = ~named if without else named
    return and_(_c.state == OutboxState.PENDING, _c.not_before <= bindparam("now"), rested, ours)


# Made once for each kind of share: a statement takes longer to make than to run.
_IS_DUE = {without: select(_c.outreach_id).where(_due(without)).limit(1) for without in (True, False)}
_WAITING = {
    without: select(
        _c.outreach_id,
        _c.queued_at,
        _c.told_at,
        _c.attempts,
        _c.token,
        _c.real_first_wire_at,
        _c.body_hash,
        decisions.c.record,
    )
    .join(decisions, decisions.c.issue_id == _c.issue_id)
    .where(_due(without))
    .order_by(_c.not_before, _c.outreach_id)
    .limit(bindparam("places"))
    .with_for_update(skip_locked=True, of=outbox)
    for without in (True, False)
}


def is_due(connection: Connection, now: datetime, real_now: datetime, share: Share = ALL) -> bool:
    """Whether anything waits: a cheap look, without a lock."""
    given = {"now": now, "real_now": real_now, "channels": share.channels}
    return connection.scalar(_IS_DUE[share.without], given) is not None


def waiting(connection: Connection, now: datetime, real_now: datetime, limit: int, share: Share = ALL) -> list[Notice]:
    """At most `limit` notifications whose time has come, the oldest first, locked until the transaction ends.

    Those that another sender holds locked are passed over (PostgreSQL), or there are none (SQLite has one writer).
    """
    given = {"now": now, "real_now": real_now, "places": limit, "channels": share.channels}
    rows = connection.execute(_WAITING[share.without], given)
    return [
        Notice(
            outreach_id=row.outreach_id,
            decision=decode_decision(row.record),
            queued_at=row.queued_at,
            told_at=row.told_at,
            attempts=row.attempts,
            token=row.token,
            first_wire_at=row.real_first_wire_at,
            body_hash=row.body_hash,
        )
        for row in rows
    ]


def resting(connection: Connection, customer_id: str, channel: str, real_now: datetime) -> bool:
    """Whether anything for this customer on this channel rests between two attempts: a cheap look, without a lock."""
    return connection.scalar(select(_c.outreach_id).where(_rests(customer_id, channel, real_now)).limit(1)) is not None


def wake(connection: Connection, customer_id: str, channel: str, real_now: datetime) -> int:
    """End that rest: what waits is due; how many that were."""
    ended = update(outbox).where(_rests(customer_id, channel, real_now))
    return connection.execute(ended.values(real_retry_at=None, real_changed_at=real_now)).rowcount


def _rests(customer_id: str, channel: str, real_now: datetime) -> ColumnElement[bool]:
    there = and_(_c.customer_id == customer_id, _c.channel == channel, _c.state == OutboxState.PENDING)
    return and_(there, _c.real_retry_at > real_now)


def claim(
    connection: Connection, notice: Notice, owner: str, lease_until: datetime, real_now: datetime
) -> Notice | None:
    """Take a notification: it comes back with its new fencing token, or None when it is no longer to be had."""
    held = msgspec.structs.replace(notice, token=notice.token + 1, attempts=notice.attempts + 1)
    taken = move(
        connection,
        notice,
        (OutboxState.PENDING,),
        real_now,
        {
            "state": OutboxState.CLAIMED,
            "token": held.token,
            "attempts": held.attempts,
            "owner": owner,
            "reason": "",
            "real_lease_until": lease_until,
        },
    )
    return held if taken else None


def rule_out(
    connection: Connection,
    notice: Notice,
    state: OutboxState,
    reason: str,
    not_before: datetime | None,
    real_now: datetime,
) -> bool:
    """Not now, or not at all: SUPPRESSED, EXPIRED, CANCELLED, UNKNOWN, or PENDING with a later `not_before`."""
    later: dict[str, object] = {} if not_before is None else {"not_before": not_before}
    expected = (OutboxState.PENDING, OutboxState.CLAIMED)
    return move(connection, notice, expected, real_now, {"state": state, "reason": reason[:300]} | later)


def put_on_wire(
    connection: Connection, notice: Notice, body_hash: str, told_at: datetime, lease_until: datetime, real_now: datetime
) -> bool:
    """Say that the first byte may leave from here on. False: this owner no longer holds the row, so it must not.

    May be asked again, before the send, when the answer of the first commit was lost.
    """
    return move(
        connection,
        notice,
        HELD,
        real_now,
        {
            "state": OutboxState.ON_WIRE,
            "body_hash": body_hash,
            "told_at": told_at,
            "real_lease_until": lease_until,
            "real_first_wire_at": notice.first_wire_at or real_now,
        },
    )


def move(
    connection: Connection,
    notice: Notice,
    expected: Sequence[OutboxState],
    real_now: datetime,
    values: dict[str, object],
) -> bool:
    """The one way a row changes hands or state: refused (False) when its state or token is another."""
    given = values | {"real_changed_at": real_now, "at_outreach": notice.outreach_id, "at_token": notice.token}
    return connection.execute(_moved(tuple(expected), tuple(values)), given).rowcount == 1


@cache
def _moved(expected: tuple[OutboxState, ...], names: tuple[str, ...]) -> Update:
    """The statement, made once: a sender's time goes into making statements more than into running them."""
    there = (_c.outreach_id == bindparam("at_outreach")) & (_c.token == bindparam("at_token"))
    new: dict[str, Any] = {name: bindparam(name) for name in (*names, "real_changed_at")}
    return update(outbox).where(there & _c.state.in_(expected)).values(**new)
