"""The ledger's connection and its tables, on both databases."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text

from ledger.database import Ledger, LedgerUnavailable, LedgerUrlError
from ledger.migrate import LedgerTooNew, migrate, newest_revision
from ledger.switches import halted
from ledger.tables import switches, tables

AT = datetime(2013, 2, 8, 15, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def fresh(empty_url: str) -> Iterator[Ledger]:
    made = Ledger(empty_url)
    yield made
    made.close()


def row(at: datetime, name: str = "x") -> dict[str, object]:
    return {"name": name, "halted": True, "reason": "", "changed_at": at}


def test_a_migrated_ledger_has_exactly_the_tables_of_the_code(fresh: Ledger) -> None:
    migrate(fresh)
    with fresh.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables) == []
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()


def test_many_processes_may_migrate_at_once(fresh: Ledger, empty_url: str) -> None:
    others = [Ledger(empty_url) for _ in range(4)]
    failed: list[BaseException] = []

    def work(ledger: Ledger) -> None:
        try:
            migrate(ledger)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    with fresh.read() as connection:
        assert halted(connection) == {}
    for one in others:
        one.close()


def test_a_new_file_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    """Several roles begin at once; SQLite alone would refuse here without waiting."""
    file, busy_s = tmp_path / "ledger.db", 2.0
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    mine, began = Ledger(f"sqlite:///{file}", busy_s), time.monotonic()
    with pytest.raises(LedgerUnavailable, match="locked by another process"), mine.read():
        pass
    assert busy_s <= time.monotonic() - began < 2 * busy_s
    other.execute("COMMIT")
    with mine.read() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    mine.close()
    other.close()


def test_a_ledger_of_a_newer_version_is_refused_in_words(ledger: Ledger) -> None:
    with ledger.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerTooNew, match="newer version"):
        migrate(ledger)


def test_times_come_back_aware_in_utc_and_to_the_microsecond(ledger: Ledger) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=-5)))
    with ledger.write() as connection:
        connection.execute(insert(switches), [row(elsewhere)])
    with ledger.read() as connection:
        stored = connection.scalars(select(switches.c.changed_at)).one()
        assert connection.scalar(select(switches.c.name).where(switches.c.changed_at <= AT)) == "x"
        assert connection.scalar(select(switches.c.name).where(switches.c.changed_at < AT)) is None
    assert stored == AT
    assert stored.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="without a zone"), ledger.write() as connection:
        connection.execute(insert(switches), [row(AT.replace(tzinfo=None))])


def test_a_block_that_raises_leaves_nothing_behind(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.write() as connection:
        connection.execute(insert(switches), [row(AT)])
        _ = 1 / 0
    with ledger.read() as connection:
        assert halted(connection) == {}


def test_what_a_block_wrote_is_there_for_a_connection_of_another_process(ledger: Ledger, url: str) -> None:
    with ledger.write() as connection:
        connection.execute(insert(switches), [row(AT)])
    other = Ledger(url)
    with other.read() as connection:
        assert halted(connection) == {"x": ""}
    other.close()


def test_writers_of_many_threads_all_get_their_turn(ledger: Ledger) -> None:
    def work(number: int) -> None:
        for step in range(10):
            with ledger.write() as connection:
                connection.execute(insert(switches), [row(AT, f"{number}-{step}")])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with ledger.read() as connection:
        assert len(halted(connection)) == 60


def test_sqlite_is_durable_and_does_not_make_readers_wait(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/l.db")
    migrate(ledger)
    with ledger.read() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    with ledger.write() as writing:
        writing.execute(insert(switches), [row(AT)])
        with ledger.read() as reading:
            assert halted(reading) == {}
    ledger.close()


def test_a_sqlite_file_locked_by_another_process_is_named_in_one_sentence(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/l.db", busy_s=0.2)
    migrate(ledger)
    other = sqlite3.connect(tmp_path / "l.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match=r"l\.db is locked by another process: end that one"), ledger.write():
        pass
    other.execute("ROLLBACK")
    with ledger.write() as connection:
        connection.execute(insert(switches), [row(AT)])
    other.close()
    ledger.close()


def test_a_server_that_is_not_there_is_unavailable_and_its_password_is_not_told(tmp_path: Path) -> None:
    ledger = Ledger(f"postgresql://beforehand:secret-word@/x?host={tmp_path}")
    with pytest.raises(LedgerUnavailable, match="check that it is up") as caught, ledger.read():
        pass
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", ""])
def test_an_address_of_another_kind_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(LedgerUrlError, match="BEFOREHAND_DATABASE_URL"):
        Ledger(wrong)
