"""Who may hold a notification, and until when; and what becomes of those whose owner is gone.

Leases are judged here by the machines' real clocks. That is only for tidiness: what keeps a message from leaving
twice is the fencing token, and that ON_WIRE is never tried again blindly.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select, update

from ledger.outbox import HELD, Notice, move
from ledger.tables import outbox
from models.notifications import OutboxState

WINDOW_SHARE = 0.8
"""Of a provider's idempotency window: after it our key may be forgotten before the call arrives."""

_c = outbox.c


def renew(connection: Connection, notices: Sequence[Notice], lease_until: datetime, real_now: datetime) -> list[Notice]:
    """Hold on to notifications that are still under way; which of them this owner still holds."""
    return [notice for notice in notices if move(connection, notice, HELD, real_now, {"real_lease_until": lease_until})]


def recover(connection: Connection, real_now: datetime, windows: Mapping[str, timedelta]) -> dict[OutboxState, int]:
    """Look after the rows of owners that are gone: how many went to PENDING, how many to UNKNOWN.

    CLAIMED was surely not sent. ON_WIRE may have been: it is tried again only on a channel whose provider knows our
    key, within its window (`windows`, by channel), else it waits for a person.
    """
    back = {"state": OutboxState.PENDING, "owner": "", "reason": "lease_lapsed", "real_changed_at": real_now}
    claimed = update(outbox).where((_c.state == OutboxState.CLAIMED) & _lapsed(real_now))
    freed = connection.execute(claimed.values(**back)).rowcount
    on_wire = update(outbox).where((_c.state == OutboxState.ON_WIRE) & _lapsed(real_now))
    for channel, window in windows.items():
        if window > timedelta(0):
            since = real_now - WINDOW_SHARE * window
            known = on_wire.where((_c.channel == channel) & (_c.real_first_wire_at > since))
            freed += connection.execute(known.values(**back)).rowcount
    lost = connection.execute(on_wire.values(**back | {"state": OutboxState.UNKNOWN})).rowcount
    return {OutboxState.PENDING: freed, OutboxState.UNKNOWN: lost}


def lapsed_exist(connection: Connection, real_now: datetime) -> bool:
    """Whether `recover` has anything to do: a cheap look, without a lock."""
    return connection.scalar(select(_c.outreach_id).where(_c.state.in_(HELD) & _lapsed(real_now)).limit(1)) is not None


def _lapsed(real_now: datetime) -> ColumnElement[bool]:
    return or_(_c.real_lease_until.is_(None), _c.real_lease_until < real_now)
