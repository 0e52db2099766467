"""What the ledger holds about canaries: when one last came through, and no more of them than is of use."""

from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select

from ledger.columns import Utc
from ledger.tables import decisions, episodes
from models.canary import PREFIX, RULE

_OURS = and_(
    decisions.c.verdict == "hold", decisions.c.rule == RULE, decisions.c.customer_id.like(f"{PREFIX}%")
)  # fmt: skip


def last_decided(connection: Connection) -> datetime | None:
    """When a canary was last decided about; None: none is on record."""
    last: datetime | None = connection.scalar(select(func.max(decisions.c.decided_at, type_=Utc)).where(_OURS))
    return last


def forget(connection: Connection, before: datetime) -> int:
    """Delete what was decided about canaries before then, with its episodes; how many. Customers' rows are kept."""
    old = select(decisions.c.issue_id).where(_OURS & (decisions.c.decided_at < before))
    connection.execute(delete(episodes).where(episodes.c.issue_id.in_(old)))
    return connection.execute(delete(decisions).where(_OURS & (decisions.c.decided_at < before))).rowcount
