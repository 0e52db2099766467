"""Which mail answers which cause: Message-ID -> notification -> customer, and when each stage was reached."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select

from deploy.mail.kept import Accepted
from ledger.tables import decisions, outbox


class Stages(msgspec.Struct, frozen=True):
    """Seconds after the cause: its decision was written, its mail was accepted."""

    decided_s: float
    whole_s: float


def stages(connection: Connection, accepted: Sequence[Accepted], caused: Mapping[str, float]) -> list[Stages]:
    """Of every cause with a mail, in order of the causes. The first acceptance of a mail counts.

    Decisions carry the business time, which is the real one here.
    """
    query = select(outbox.c.outreach_id, outbox.c.customer_id, decisions.c.decided_at).join(
        decisions, decisions.c.issue_id == outbox.c.issue_id
    )
    known = {row.outreach_id: (row.customer_id, row.decided_at.timestamp()) for row in connection.execute(query)}
    found: dict[str, Stages] = {}
    for mail in accepted:
        customer, decided_at = known[mail.message_id.strip("<>").partition("@")[0]]
        cause = caused[customer]
        found.setdefault(customer, Stages(decided_at - cause, mail.at_unix - cause))
    return [found[customer] for customer in caused if customer in found]
