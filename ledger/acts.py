"""What people did to outreach by hand: who, what, why and when, in the transaction that did it."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from ledger.tables import acts


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One deed. `at` is the machine's real time; `about` a switch or a notification."""

    at: datetime
    by: str
    what: str
    about: str
    reason: str


def record(connection: Connection, act: Act) -> None:
    """Keep it; what is too long is cut."""
    row = {"at": act.at, "by": act.by[:64], "what": act.what, "about": act.about[:128], "reason": act.reason[:300]}
    connection.execute(insert(acts), row)


def latest(connection: Connection, most: int) -> list[Act]:
    """The last `most` deeds, the newest first."""
    c = acts.c
    query = select(c.at, c.by, c.what, c.about, c.reason).order_by(c.number.desc()).limit(most)
    return [Act(**row) for row in connection.execute(query).mappings()]
