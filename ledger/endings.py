"""What became of a call to a provider, with its receipt, in one transaction."""

from datetime import datetime

from sqlalchemy import Connection

from ledger.outbox import HELD, Notice, move
from ledger.tables import receipts
from ledger.upsert import upsert
from models.notifications import OutboxState, Receipt


def accept(connection: Connection, notice: Notice, receipt: Receipt, now: datetime, real_now: datetime) -> bool:
    """The provider took it. False: somebody else has claimed the row since.

    Also settles a row that was given up as UNKNOWN, or put back in line, meanwhile: a receipt is proof.
    """
    expected = (OutboxState.ON_WIRE, OutboxState.UNKNOWN, OutboxState.PENDING)
    done = move(
        connection,
        notice,
        expected,
        real_now,
        {
            "state": OutboxState.SENT,
            "reason": "",
            "sent_at": now,
            "real_first_wire_at": None,
        },
    )
    # kept when the row is another's, too: two receipts are how we know that a customer has it twice
    _keep_receipt(connection, notice, OutboxState.SENT, receipt, now)
    return done


def end(
    connection: Connection,
    notice: Notice,
    state: OutboxState,
    reason: str,
    detail: str,
    now: datetime,
    real_now: datetime,
) -> bool:
    """It ended as FAILED or UNKNOWN. False: this owner no longer holds the row."""
    done = move(connection, notice, HELD, real_now, {"state": state, "reason": reason[:300]})
    if done:
        _keep_receipt(connection, notice, state, Receipt(detail=detail), now)
    return done


def put_back(
    connection: Connection, notice: Notice, reason: str, retry_at: datetime | None, real_now: datetime, unclear: bool
) -> bool:
    """Back in line. `unclear`: it may have been accepted, and since when is kept. False: the row is another's."""
    values: dict[str, object] = {
        "state": OutboxState.PENDING,
        "reason": reason[:300],
        "owner": "",
        "real_retry_at": retry_at,
    }
    if not unclear:
        values["real_first_wire_at"] = notice.first_wire_at  # None, unless an earlier call was unclear
    return move(connection, notice, HELD, real_now, values)


def _keep_receipt(connection: Connection, notice: Notice, state: OutboxState, receipt: Receipt, now: datetime) -> None:
    upsert(
        connection,
        receipts,
        [
            {
                "outreach_id": notice.outreach_id,
                "token": notice.token,
                "outcome": state,
                "at": now,
                "provider_id": receipt.provider_id[:300],
                "detail": receipt.detail[:300],
            }
        ],
    )
