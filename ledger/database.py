"""The connection to the ledger: one transaction at a time per caller, durable when it returns."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.errors import OperatorError

_SESSION = (
    "-c timezone=UTC -c lock_timeout=10000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
)

_WAL_ATTEMPTS = 50
_FORMS = "write sqlite:///path/of/a/file or postgresql://user@host/name"


class LedgerUnavailable(OperatorError):
    """The database is down, unreachable or locked: nothing was written. Try again, then end."""


class LedgerUrlError(OperatorError):
    """BEFOREHAND_DATABASE_URL is not of a kind that this service can use. Operator action: correct it."""


class Ledger:
    """SQLite (WAL, synchronous=FULL) or PostgreSQL, by the URL. Safe to use from several threads.

    `busy_s` is how long a locked SQLite file is waited for. Raises `LedgerUrlError` for any other URL;
    connects at the first use, which makes a SQLite file that is not there, and its folder.
    """

    def __init__(self, url: str, busy_s: float = 10.0) -> None:
        self._url: Final = _understood(url)
        self._engine: Final = _engine(self._url, busy_s)
        self._turn: Final = threading.Lock()
        self.is_sqlite: Final = self._url.get_backend_name() == "sqlite"
        found = self._url.database if self.is_sqlite else None
        self.file: Final = Path(found) if found and found != ":memory:" else None
        """Where SQLite keeps it; None: it is no file."""
        self.name: Final = self._url.render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write: all of it is durable when the block ends, or none of it is.

        Raises `LedgerUnavailable` when the database is away or locked. Writers of one process take turns here,
        because SQLite lets nobody wait in line.
        """
        if not self.is_sqlite:
            with self._transaction(writes=True) as connection:
                yield connection
            return
        with self._turn, self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads. Raises `LedgerUnavailable`."""
        with self._transaction(writes=False) as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection = connection.execution_options(writes=writes)
                with connection.begin():
                    yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise LedgerUnavailable(self._explained(error)) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise LedgerUnavailable(self._explained(error)) from error
            raise

    def _explained(self, error: Exception) -> str:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()
        first = cause[0] if cause else type(error).__name__
        if "locked" in first and self.is_sqlite:
            return f"ledger {self.name} is locked by another process: end that one, or use PostgreSQL"
        return f"ledger {self.name} cannot be used ({first}): check that it is up, and BEFOREHAND_DATABASE_URL"


def _understood(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise LedgerUrlError(f"BEFOREHAND_DATABASE_URL is no database URL: {_FORMS}") from None
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise LedgerUrlError(f"BEFOREHAND_DATABASE_URL cannot be used with {parsed.get_backend_name()}: {_FORMS}")


def _engine(url: URL, busy_s: float) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, hide_parameters=True, connect_args={"timeout": busy_s})
            event.listen(engine, "do_connect", lambda *_: _make_folder(Path(str(url.database))))
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        wait = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "options": _SESSION}
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_timeout=10, connect_args=wait)
    except NoSuchModuleError:
        raise LedgerUrlError(f"no driver for {url.drivername}: install psycopg, or use sqlite:///path") from None


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUrlError(f"no folder for {file} ({error.strerror}): choose another path") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin below, not where the driver guesses
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _use_wal(connection: Any) -> None:
    """Of several who open a new file at once SQLite lets one turn it to WAL, and refuses others without waiting.

    So nobody waits for that, and all wait for the turn to write: at most as long as a locked file is waited for.
    """
    wait_ms = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    for attempts_left in reversed(range(_WAL_ATTEMPTS)):
        try:
            connection.execute("PRAGMA busy_timeout=0").close()
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or not attempts_left:
                raise
        finally:
            connection.execute(f"PRAGMA busy_timeout={wait_ms}").close()
        connection.execute("BEGIN EXCLUSIVE").close()
        connection.execute("ROLLBACK").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
