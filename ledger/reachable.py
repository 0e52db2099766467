"""Whether the ledger can be reached, and whether its tables are as this version of the code wants them."""

from alembic.runtime.migration import MigrationContext

from ledger.database import Ledger
from ledger.migrate import newest_revision


def revision(ledger: Ledger) -> str:
    """The revision of its tables; empty: there are none. Raises `LedgerUnavailable`."""
    with ledger.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(ledger: Ledger) -> bool:
    """Whether its tables are of this version. Raises `LedgerUnavailable`."""
    return revision(ledger) == newest_revision()
