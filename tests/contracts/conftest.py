"""Ledgers for the contract tests: the same tests on both databases."""

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.database import Ledger
from ledger.migrate import migrate, newest_revision
from ledger.tables import tables
from tests.postgres import Server, started_or_skipped
from tests.sending import Clock, House, Provider


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a test that is a coroutine in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server. Skips without one, unless it is required."""
    with started_or_skipped() as server:
        yield server


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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def house(ledger: Ledger, provider: Provider, clock: Clock) -> House:
    return House(ledger, provider, clock)
