"""Whether there is a ledger, can be reached, and has its tables as this version of the code wants them."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.runtime.migration import MigrationContext

from ledger.database import Ledger
from ledger.migrate import newest_revision
from models.errors import OperatorError


class NoLedger(OperatorError):
    """There is no ledger, or it is of another version. Operator action: see the message."""


@contextmanager
def existing(url: str) -> Iterator[Ledger]:
    """A ledger that is there already, closed with the block. Raises `NoLedger`, `LedgerUnavailable`."""
    ledger = Ledger(url)
    try:
        expect(ledger)
        yield ledger
    finally:
        ledger.close()


def expect(ledger: Ledger) -> None:
    """Makes nothing. Raises `NoLedger` when it is not there, or not of this version, and `LedgerUnavailable`."""
    if not is_there(ledger):
        raise NoLedger(
            f"there is no ledger {ledger.file}: start a worker, correct BEFOREHAND_DATABASE_URL, or run this elsewhere"
        )
    if not is_current(ledger):
        raise NoLedger(f"the tables of {ledger.name} are not of this version: start a worker of this version")


def is_there(ledger: Ledger) -> bool:
    """Whether there is a file, when it is one: SQLite would make an empty one."""
    return ledger.file is None or ledger.file.exists()


def revision(ledger: Ledger) -> str:
    """The revision of its tables; empty: there are none. Raises `LedgerUnavailable`."""
    with ledger.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(ledger: Ledger) -> bool:
    """Whether its tables are of this version. Raises `LedgerUnavailable`."""
    return revision(ledger) == newest_revision()
