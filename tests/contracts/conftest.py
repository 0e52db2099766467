"""Ledgers for the contract tests: the same tests on both databases."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.database import Ledger
from ledger.migrate import migrate, newest_revision
from ledger.tables import tables
from tests.postgres import NoPostgres, Server, started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server. Skips without one, unless it is required."""
    try:
        with started() as server:
            yield server
    except NoPostgres as error:
        if "postgres" in os.environ.get("BEFOREHAND_REQUIRE", "").split(","):
            pytest.fail(f"PostgreSQL is required (BEFOREHAND_REQUIRE) and cannot start: {error}")
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture(scope="session")
def migrated_url(postgres: Server) -> str:
    """The address of one PostgreSQL database with our tables, emptied before each test that takes it."""
    url = postgres.create()
    ledger = Ledger(url)
    migrate(ledger)
    ledger.close()
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    server: Server = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with our tables, and nothing in them."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path}/ledger.db"
        ledger = Ledger(address)
        migrate(ledger)
        ledger.close()
        return address
    address = request.getfixturevalue("migrated_url")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(tables.tables)}")
        connection.execute("UPDATE alembic_version SET version_num = %s", [newest_revision()])
    return str(address)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """A ledger with our tables."""
    made = Ledger(url)
    yield made
    made.close()
