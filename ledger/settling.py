"""Notifications that a provider may or may not have accepted: a person looked there, and says how it is."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select, update

from ledger.tables import outbox, receipts
from ledger.upsert import upsert
from models.notifications import OutboxState

_c = outbox.c
_UNKNOWN = _c.state == OutboxState.UNKNOWN


class Unclear(msgspec.Struct, frozen=True):
    """One of them. `outreach_id` is the part before the @ of a mail's Message-ID; `on_wire_at` is business time."""

    outreach_id: str
    channel: str
    detector: str
    on_wire_at: datetime
    reason: str


def unclear(connection: Connection, most: int) -> list[Unclear]:
    """The oldest `most` of them."""
    query = select(_c.outreach_id, _c.channel, _c.detector, _c.told_at, _c.reason).where(_UNKNOWN)
    return [Unclear(*row) for row in connection.execute(query.order_by(_c.told_at, _c.outreach_id).limit(most))]


def how_many(connection: Connection) -> int:
    """All of them."""
    return connection.scalar(select(func.count()).select_from(outbox).where(_UNKNOWN)) or 0


def settle_sent(connection: Connection, outreach_id: str, word: str, real_now: datetime) -> bool:
    """It was accepted: SENT at the time it went on the wire, with `word` as its receipt. False: it is not UNKNOWN."""
    row = connection.execute(select(_c.token, _c.told_at).where((_c.outreach_id == outreach_id) & _UNKNOWN)).first()
    values = {"state": OutboxState.SENT, "sent_at": None if row is None else row.told_at}
    if row is None or not _settled(connection, outreach_id, values, real_now):
        return False
    receipt = {
        "outreach_id": outreach_id, "token": row.token, "outcome": OutboxState.SENT, "at": row.told_at,
        "provider_id": "", "detail": word[:300],
    }  # fmt: skip
    upsert(connection, receipts, [receipt])
    return True


def settle_not_sent(connection: Connection, outreach_id: str, real_now: datetime) -> bool:
    """It was surely not accepted: back in line, where all rules look at it again. False: it is not UNKNOWN."""
    return _settled(connection, outreach_id, {"state": OutboxState.PENDING, "owner": ""}, real_now)


def _settled(connection: Connection, outreach_id: str, values: dict[str, object], real_now: datetime) -> bool:
    """Whoever is second, a person or a late receipt, changes nothing."""
    cleared = {"reason": "settled", "real_first_wire_at": None, "real_retry_at": None, "real_changed_at": real_now}
    there = (_c.outreach_id == outreach_id) & _UNKNOWN
    return connection.execute(update(outbox).where(there).values(**cleared, **values)).rowcount == 1
