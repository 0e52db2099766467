"""What customers were told and detection does not know yet: it cannot read the ledger, so it is told by the journal."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from ledger.tables import outbox
from models.notifications import OutboxState

_c = outbox.c
TOLD = (OutboxState.SENT, OutboxState.UNKNOWN)
"""Of an unclear one nobody knows whether the customer has it: as far as learning goes, they have."""


class Word(msgspec.Struct, frozen=True):
    """One notification that reached its customer, or may have. `at` is when it left, in business time."""

    outreach_id: str
    issue_id: str
    customer_id: str
    detector: str
    object: str
    channel: str
    at: datetime
    certain: bool


def unknown_to_journal(connection: Connection, without: Collection[str], most: int) -> list[Word]:
    """At most `most` of them, oldest first; none of the channels in `without`, which reach nobody."""
    rows = connection.execute(_UNKNOWN_TO_JOURNAL, {"without": list(without), "most": most})
    return [
        Word(
            outreach_id=row.outreach_id,
            issue_id=row.issue_id,
            customer_id=row.customer_id,
            detector=row.detector,
            object=row.object,
            channel=row.channel,
            at=row.told_at,
            certain=row.state == OutboxState.SENT,
        )
        for row in rows
    ]


def known_to_journal(connection: Connection, outreach_ids: Collection[str]) -> None:
    """The journal has them. Saying so twice does no harm."""
    if outreach_ids:
        connection.execute(_KNOWN, [{"of_outreach": one} for one in outreach_ids])


_UNKNOWN_TO_JOURNAL = (
    select(_c.outreach_id, _c.issue_id, _c.customer_id, _c.detector, _c.object, _c.channel, _c.told_at, _c.state)
    .where(_c.in_journal.is_(False) & _c.state.in_(TOLD))
    .where(_c.channel.not_in(bindparam("without", expanding=True)))
    .order_by(_c.told_at, _c.outreach_id)
    .limit(bindparam("most"))
)
_KNOWN = update(outbox).where(_c.outreach_id == bindparam("of_outreach")).values(in_journal=True)
