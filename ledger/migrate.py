"""Bring the ledger's tables to this version of the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from ledger.database import Ledger
from models.errors import OperatorError

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_105_431_882
"""Any number, the same in every process: PostgreSQL's advisory lock around a migration."""


class LedgerTooNew(OperatorError):
    """A newer version of the code wrote this ledger. Operator action: run that version, or restore a backup."""


def migrate(ledger: Ledger) -> None:
    """Create or upgrade the tables, in one transaction; several processes may ask at once.

    Raises `LedgerUnavailable`, or `LedgerTooNew`.
    """
    with ledger.write() as connection:
        if not ledger.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        try:
            command.upgrade(configured(connection), "head")
        except CommandError as error:
            if "locate revision" not in str(error):
                raise
            raise LedgerTooNew(f"ledger {ledger.name} was written by a newer version: run that version") from None


def configured(connection: Connection) -> Config:
    """Alembic's settings for a connection whose transaction is ours."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that `migrate` leads to."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""
