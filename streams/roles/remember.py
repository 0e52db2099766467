"""remember: what customers allow and where to reach them, from the journal and the addresses into the ledger."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from ledger import positions
from ledger.database import Ledger
from ledger.migrate import migrate
from ledger.remembering import Batch, aside, has_nul
from models.dead_letters import Reason
from models.events.address_changed import AddressChanged
from models.events.catalogue import decode
from models.intake import Rejected, parse
from streams.bells import REMEMBERED, bell
from streams.clock import elapsed
from streams.ledgers import ledger_of
from streams.patience import Patience, Stopped
from streams.reader import REMEMBER as READER
from streams.reader import Fetched, Reader
from streams.settings import Settings
from streams.topics import ADDRESSES, JOURNAL

_FETCH_S = 0.2
_WANTED = (b'{"type":"profile.', b'{"type":"care.')
"""How the journal's records of interest begin: it holds our own encoding, whose first member is the type."""
_ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)
"""An address counts from its place in the topic on, whatever its time says."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Remember until `stop`. Raises `OperatorError` for what only a person can mend (`GiveUp`: exit code 70)."""
    ledger, patience = ledger_of(settings), Patience(settings.give_up_s, stop)
    reader = Reader(settings, ledger, READER, (JOURNAL, ADDRESSES), patience, stop)
    try:
        await patience(lambda: migrate(ledger))
        await reader.open()
        while not stop.is_set():
            fetched = await reader.fetch(_FETCH_S)
            if fetched:
                began = elapsed()
                await patience(lambda: take_in(ledger, fetched))  # noqa: B023 - awaited before the next round
                records = Counter[str]()
                for part in fetched:
                    records[part.place[0]] += len(part.records)
                reader.stored({part.place: part.following for part in fetched}, records, elapsed() - began)
                bell(REMEMBERED).ring()
    except Stopped:
        return
    finally:
        await reader.close()


def take_in(ledger: Ledger, fetched: Sequence[Fetched]) -> None:
    """Write what a fetch says, and the new positions, in one transaction.

    Raises `PositionMoved` when another process reads in this reader's place, `LedgerUnavailable`: nothing is written.
    """
    batch = Batch()
    for part in fetched:
        if part.place[0] == ADDRESSES:
            _take_addresses(batch, part)
        else:
            _take_journal(batch, part)
    with ledger.write() as connection:
        positions.advance(connection, READER, {part.place: (part.expected, part.following) for part in fetched})
        batch.write(connection)


def _take_journal(batch: Batch, part: Fetched) -> None:
    for record in part.records:
        value = record.value
        if value is None or not value.startswith(_WANTED):
            continue
        try:
            event = decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            _set_aside(batch, part, record.offset, value, Reason.BAD_JOURNAL_RECORD)
            continue
        if has_nul(event):
            _set_aside(batch, part, record.offset, value, Reason.BAD_JOURNAL_RECORD)
        else:
            batch.take(event)


def _take_addresses(batch: Batch, part: Fetched) -> None:
    """The only topic that comes here straight from outside, so it is read as ingest reads the others."""
    for record in part.records:
        value = record.value
        if value is None:
            batch.erase_addresses((record.key or b"").decode(errors="replace"))
            continue
        event = parse(value, _ANY_TIME)
        if isinstance(event, Rejected):
            _set_aside(batch, part, record.offset, value, event.reason)
        elif not isinstance(event, AddressChanged) or has_nul(event):
            _set_aside(batch, part, record.offset, value, Reason.NOT_ALLOWED)
        else:
            batch.take(event)


def _set_aside(batch: Batch, part: Fetched, offset: int, value: bytes, reason: Reason) -> None:
    batch.set_aside.append(aside(READER, *part.place, offset, value, reason))
