"""Every command that README and docs name is run, as it stands there; or the test that runs it is named here."""

import importlib.util
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from ruamel.yaml import YAML
from sqlalchemy import func, select, text, update

from deploy.kafka.broker import Broker
from deploy.mail.server import MailServer
from desk.sources.histories import SOURCES, Opener
from desk.sources.shop_history import ShopHistory
from ledger.database import Ledger
from ledger.switches import halt
from ledger.tables import outbox, receipts
from models.dead_letters import Reason
from streams.settings import Settings
from tests.command_line import command_line
from tests.e2e.dead_letter_cases import GOOD, P, letter_broker, set_aside
from tests.mini_olist import write_olist
from tests.outreach import NOW, address, consent, decide, issue, new_ledger, remember
from tests.page_commands import PAGES, ROOT, in_blocks, in_text, leaves_in, queries_in
from tests.prometheus_tools import tool

_ROLES = "e2e/test_probes.py::test_health_stays_green_while_what_it_needs_is_down_and_readiness_says_so"
BLOCKS_READ_BY = {
    "docs/channels.md": "units/test_channels_docs.py::"
    "test_the_key_and_the_token_that_are_made_as_told_let_their_customer_in",
    "docs/dead-letters.md": "e2e/test_dead_letters_commands.py::test_every_command_of_the_page_does_what_it_says",
    "docs/mappings.md": "units/test_map_check.py::test_every_command_of_the_document_about_mappings_runs",
}
"""Pages whose blocks another test reads and runs."""
RUN_BY = {
    "beforehand up": "e2e/test_operating.py::test_status_shows_what_runs_and_up_counts_what_it_started_again",
    "beforehand worker in_app": "e2e/test_in_app_way.py::"
    "test_from_trouble_to_page_p95_is_under_two_seconds_and_each_is_sent_once",
    "beforehand worker sender": _ROLES,
    "beforehand worker ROLE": _ROLES,
    "beforehand status": "e2e/test_status_in_a_terminal.py::test_status_refreshes_until_ctrl_c_and_fits",
    "beforehand map check": "units/test_map_check.py::test_every_command_of_the_document_about_mappings_runs",
    "beforehand detectors": "e2e/test_desk_commands.py::test_detectors_are_listed_with_their_costs",
    "beforehand tune": "e2e/test_notebook.py::test_a_detector_goes_from_replay_to_tuned_shadowed_and_promoted",
    "beforehand shadow": "e2e/test_shadow_commands.py::test_a_challenger_is_tried_compared_and_promoted",
    "beforehand worker shadow": "e2e/test_shadow_commands.py::test_a_challenger_is_tried_compared_and_promoted",
    "beforehand verdict": "e2e/test_shadow_commands.py::test_a_challenger_is_tried_compared_and_promoted",
    "beforehand new-detector": "e2e/test_new_detector.py::test_a_new_detector_passes_every_check_at_once",
    "make demo": "e2e/test_demo.py::test_the_blizzard_is_told_before_it_is_felt",
    "make demo SOURCE=shop": "e2e/test_demo.py::test_ctrl_c_leaves_nothing_running",
}
"""What does not end by itself, runs for long, or would write into the repository: the words it begins with."""
WHOLE = ("beforehand status", "beforehand map check", "make demo")
"""Of those only when nothing follows."""
NOT_ALL_SEEN = "beforehand status --once"
"""The only one that may end with code 1: no process runs here, and it says so."""
Run = Callable[[str], str]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with letter_broker(tmp_path_factory.mktemp("broker")) as started:
        given = Settings(kafka=started.bootstrap, partitions=P)
        for reason in (Reason.INVALID, Reason.TOO_LARGE, Reason.UNKNOWN_TYPE, Reason.DETECTOR_ERROR):
            set_aside(given, GOOD, topic="orders.v1", reason=reason)
        yield started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are typed: with logs, a ledger and what belongs to the repository."""
    folder = tmp_path_factory.mktemp("place")
    (folder / ".run" / "logs").mkdir(parents=True)
    for name in ("ingest", "detect", "tell"):
        (folder / ".run" / "logs" / f"{name}.log").write_text("".join(f"{name} {n}\n" for n in range(60)))
    (folder / "deploy").symlink_to(ROOT / "deploy")
    write_olist(folder / "data")
    customers = range(1, 5)
    ledger = new_ledger(folder)
    remember(ledger, *(event for n in customers for event in (consent(f"c-{n}", True), address(f"c-{n}"))))
    decide(ledger, *(issue(n) for n in customers))
    return folder


@pytest.fixture
def run(
    broker: Broker, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """A command of ours, as it stands there."""
    for name in [name for name in os.environ if name.startswith("BEFOREHAND_") and name != "BEFOREHAND_REQUIRE"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(place)
    monkeypatch.setitem(cast(dict[str, Opener], SOURCES), "shop", small_shop)
    with MailServer(place / "mails") as mail:
        given = {
            "KAFKA": broker.bootstrap, "PARTITIONS": P, "SMTP_PORT": mail.port, "DATA": place / "data",
            "DATABASE_URL": f"sqlite:///{place}/ledger.db", "WATCHDOG_S": 120,
        }  # fmt: skip
        for name, value in given.items():
            monkeypatch.setenv(f"BEFOREHAND_{name}", str(value))
        monkeypatch.setenv("COLUMNS", "300")

        def typed(line: str) -> str:
            said = command_line(monkeypatch, capsys)(*shlex.split(line)[1:])
            assert said.code in ((0, 1) if line == NOT_ALL_SEEN else (0,)), (line, said)
            assert said.err == "" and said.out.strip(), (line, said)
            return said.out

        yield typed


def small_shop(data: Path, since: datetime | None, until: datetime | None) -> ShopHistory:
    """The shop of the commands, with fewer customers."""
    return ShopHistory(data, since, until, customers=100)


def prepared(line: str, place: Path) -> str:
    """The command with what it needs to have something to do, and a real id in place of ID."""
    ledger = Ledger(f"sqlite:///{place}/ledger.db")
    with ledger.write() as connection:
        if line.startswith("beforehand outreach release"):
            halt(connection, shlex.split(line)[3], "for the test", NOW)
        if " ID " in line:
            wanted = connection.scalar(select(func.min(outbox.c.outreach_id)).where(outbox.c.state == "PENDING"))
            unknown = outbox.c.outreach_id == wanted
            connection.execute(update(outbox).where(unknown).values(state="UNKNOWN", reason="lost"))
            line = line.replace(" ID ", f" {wanted} ")
    ledger.close()
    return line


def run_by(line: str) -> str:
    """The test that runs it in place of this one, or nothing."""
    for begin in sorted(RUN_BY, key=len, reverse=True):
        if line == begin or (line.startswith(f"{begin} ") and begin not in WHOLE):
            return RUN_BY[begin]
    return ""


def to_run(page: str) -> list[str]:
    """Each command of the page once, but for those that another test reads out of its blocks."""
    blocks = [] if page in BLOCKS_READ_BY else in_blocks(page)
    return list(dict.fromkeys([*blocks, *in_text(page)]))


@pytest.mark.parametrize("page", [page for page in PAGES if to_run(page)])
def test_every_command_of_the_page_runs(page: str, place: Path, run: Run, done: set[str]) -> None:
    for line in to_run(page):
        if run_by(line) or line in done:
            continue
        program = shlex.split(line)[0]
        if program == "beforehand":
            run(prepared(line, place))
        else:
            OTHERS[program](line, place)
        done.add(line)


@pytest.fixture(scope="module")
def done() -> set[str]:
    """What has been run already, from another page: most runbooks begin alike."""
    return set()


def with_shell(line: str, place: Path) -> None:
    ended = subprocess.run(line, shell=True, cwd=place, capture_output=True, text=True, timeout=60, check=False)  # noqa: S602
    assert (ended.returncode, bool(ended.stdout)) == (0, True), (line, ended)


def with_prometheus(line: str, place: Path) -> None:
    tool(shlex.split(line)[0])
    with_shell(line, place)


def with_make(line: str, _place: Path) -> None:
    """What it would do: the target and its program exist. A test cannot run all tests.

    `make test` runs this very test, too, and hands its flags on to every make below it: that one would say where it is.
    """
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    ended = subprocess.run(
        [*shlex.split(line), "--dry-run"], cwd=ROOT, env=alone, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    words = ended.stdout.splitlines()[-1].split()
    assert words[1] == "-m" and importlib.util.find_spec(words[2]), line


def with_python(line: str, _place: Path) -> None:
    """A script of bench/ or a test file: they run for minutes, so that they are there is all that is looked at."""
    _, _, module, *rest = shlex.split(line)
    assert importlib.util.find_spec(module), line
    assert all((ROOT / one).exists() for one in rest if one.endswith(".py")), line
    assert not module.startswith("bench.") or (ROOT / "bench" / "__main__.py").exists()


def with_docker(line: str, _place: Path) -> None:
    """No container can be run here; what is named must be a service."""
    services = YAML(typ="safe").load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    words = [word for word in shlex.split(line)[3:] if not word.startswith("-")]
    assert shlex.split(line)[1:3] in (["compose", "up"], ["compose", "logs"]), line
    assert words and all(word in services or word == "ROLE" for word in words), line


OTHERS: dict[str, Callable[[str, Path], None]] = {
    "tail": with_shell, "promtool": with_prometheus, "amtool": with_prometheus, "make": with_make,
    "python": with_python, "python3": with_python, "docker": with_docker,
}  # fmt: skip


@pytest.mark.parametrize("page", [page for page in PAGES if queries_in(page)])
def test_every_query_of_the_page_is_one_that_the_ledger_answers(page: str, place: Path) -> None:
    ledger = Ledger(f"sqlite:///{place}/ledger.db")
    with ledger.write() as connection:
        known = connection.execute(select(outbox.c.outreach_id)).scalars().first()
        there = set(connection.execute(select(receipts.c.token)).scalars())
        more = {"outreach_id": known, "outcome": "SENT", "at": NOW, "provider_id": "p", "detail": ""}
        connection.execute(receipts.insert(), [{"token": max(there, default=0) + n, **more} for n in (1, 2)])
    with ledger.read() as connection:
        for query in queries_in(page):
            found = connection.execute(text(query))
            assert found.keys()
            assert found.all() or "set_aside" in query
    ledger.close()


def test_what_readme_lists_is_run_too(run: Run, place: Path) -> None:
    listed = {name for name in leaves_in("README.md") if not name.startswith("make")}
    assert {"up", "worker", "topics apply", "dead-letters drop", "evaluate"} <= listed
    everywhere = [line for page in PAGES for line in (*in_blocks(page), *in_text(page))]
    elsewhere = {name for name in listed for line in everywhere if f"{line} ".startswith(f"beforehand {name} ")}
    for name in sorted(listed - elsewhere):
        run(f"beforehand {name}")
    assert len(elsewhere) > 10


def named() -> set[str]:
    """The tests that pages and commands are left to."""
    lines = [line for page in PAGES for line in to_run(page)]
    return {one for one in (*BLOCKS_READ_BY.values(), *map(run_by, lines)) if one}


@pytest.mark.parametrize("where", sorted(named()))
def test_the_tests_that_are_named_here_exist(where: str) -> None:
    file, _, name = where.partition("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text()
