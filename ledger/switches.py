"""Switches that stop outreach for all senders, read in the transaction that would claim."""

from datetime import datetime

from sqlalchemy import Connection, select

from ledger.tables import switches
from ledger.upsert import upsert

OUTREACH = "outreach"
"""The kill switch: an operator's."""
BREAKER = "breaker"
"""Thrown by the senders themselves when they send far more than usual; only a person resets it."""


def halt(connection: Connection, name: str, reason: str, at: datetime) -> None:
    """Stop all claims from this transaction's commit on. `at` is a business time."""
    upsert(connection, switches, [{"name": name, "halted": True, "reason": reason[:300], "changed_at": at}])


def release(connection: Connection, name: str, reason: str, at: datetime) -> None:
    """Let claims go on; `reason` says who decided so and why. The breaker counts anew from `at` on."""
    upsert(connection, switches, [{"name": name, "halted": False, "reason": reason[:300], "changed_at": at}])


def halted(connection: Connection) -> dict[str, str]:
    """The switches that stop outreach now, with the reasons given."""
    rows = connection.execute(select(switches.c.name, switches.c.reason).where(switches.c.halted))
    return {row.name: row.reason for row in rows}


def released_at(connection: Connection, name: str) -> datetime | None:
    """When a switch was last reset; None when it never was thrown."""
    where = (switches.c.name == name) & switches.c.halted.is_(False)
    return connection.scalar(select(switches.c.changed_at).where(where))
