"""The supervisor keeps real processes running and leaves none behind."""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from beforehand.restarts import Restarts
from beforehand.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
Until = Callable[..., None]
SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    textwrap.dedent("""
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print('deaf', flush=True)
    time.sleep(600)
    """),
]
ORDERLY = [
    sys.executable,
    "-c",
    textwrap.dedent("""
    import signal, sys, time
    def end(*_):
        print('bye', flush=True)
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print('here', flush=True)
    time.sleep(600)
    """),
]


def alive(pid: int) -> bool:
    """Whether it runs; a dead one nobody has asked after yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def said(supervisor: Supervisor, name: str) -> str:
    file = supervisor.log_of(name)
    return file.read_text() if file.exists() else ""


def test_a_killed_process_is_started_again_at_once_and_counted(tmp_path: Path, until: Until) -> None:
    with Supervisor({"one": SLEEPER, "two": SLEEPER}, tmp_path, time.monotonic) as supervisor:
        until(lambda: "here" in said(supervisor, "one"))
        first = supervisor.pids()
        os.kill(first["one"], signal.SIGKILL)
        killed_s = time.monotonic()
        until(lambda: supervisor.pids().get("one") not in (None, first["one"]))
        assert time.monotonic() - killed_s < 2.0
        until(lambda: said(supervisor, "one").count("here") == 2)
        assert supervisor.restarts() == {"one": 1, "two": 0}
        assert supervisor.pids()["two"] == first["two"]


def test_stop_asks_all_to_end_and_returns_their_exit_codes(tmp_path: Path, until: Until) -> None:
    with Supervisor({"one": ORDERLY, "two": ORDERLY}, tmp_path, time.monotonic) as supervisor:
        until(lambda: "here" in said(supervisor, "one") and "here" in said(supervisor, "two"))
        pids = supervisor.pids()
        assert supervisor.stop() == {"one": 0, "two": 0}
    assert said(supervisor, "one") == "here\nbye\n"
    assert not any(alive(pid) for pid in pids.values())
    assert supervisor.pids() == {}


def test_who_does_not_hear_is_killed_after_the_timeout(tmp_path: Path, until: Until) -> None:
    with Supervisor({"deaf": DEAF}, tmp_path, time.monotonic) as supervisor:
        until(lambda: "deaf" in said(supervisor, "deaf"))
        (pid,) = supervisor.pids().values()
        assert supervisor.stop(timeout_s=0.3) == {"deaf": -signal.SIGKILL}
        assert not alive(pid)


def test_a_frozen_process_ends_in_order_too(tmp_path: Path, until: Until) -> None:
    with Supervisor({"one": ORDERLY}, tmp_path, time.monotonic) as supervisor:
        until(lambda: "here" in said(supervisor, "one"))
        os.kill(supervisor.pids()["one"], signal.SIGSTOP)
        assert supervisor.stop(timeout_s=20) == {"one": 0}


def test_a_program_that_is_missing_is_told_in_its_log_and_does_not_stop_the_others(
    tmp_path: Path, until: Until
) -> None:
    commands = {"missing": ["/no/such/program"], "one": SLEEPER}
    with Supervisor(commands, tmp_path, time.monotonic) as supervisor:
        until(lambda: supervisor.restarts()["missing"] >= 2)
        assert "No such file" in said(supervisor, "missing")
        assert supervisor.restarts()["one"] == 0 and "one" in supervisor.pids()


def test_three_deaths_in_a_minute_are_told_as_an_error(
    tmp_path: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with Supervisor({"short": [sys.executable, "-c", "raise SystemExit(7)"]}, tmp_path, time.monotonic) as supervisor:
        until(lambda: supervisor.restarts()["short"] >= 3, timeout_s=20)
    told = [(record.levelno, record.getMessage()) for record in caplog.records if "short" in record.getMessage()]
    assert [level for level, _ in told[:3]] == [logging.WARNING, logging.WARNING, logging.ERROR]
    assert "code 7" in told[2][1] and "again and again" in told[2][1] and "short.log" in told[2][1]


def test_the_environment_given_reaches_the_processes(tmp_path: Path, until: Until) -> None:
    command = [sys.executable, "-c", "import os, time; print(os.environ['GIVEN'], flush=True); time.sleep(600)"]
    with Supervisor({"one": command}, tmp_path, time.monotonic, {"GIVEN": "this"}) as supervisor:
        until(lambda: said(supervisor, "one") == "this\n")


def test_the_delay_grows_from_nothing_to_ten_seconds_and_begins_anew_after_a_steady_minute() -> None:
    restarts = Restarts()
    assert [restarts.after(now, now + 1) for now in range(0, 800, 100)] == [0, 0.5, 1, 2, 4, 8, 10, 10]
    assert restarts.after(1000, 1060) == 0
    assert restarts.count == 9


def test_deaths_further_apart_than_a_minute_are_no_alarm() -> None:
    restarts = Restarts()
    for died_s in (0.0, 31.0, 62.0):
        restarts.after(died_s, died_s)
    assert not restarts.alarming
    restarts.after(70.0, 70.0)
    assert restarts.alarming


PARENT = f"""
import sys, time
from pathlib import Path
from beforehand.supervisor import Supervisor
with Supervisor({{"one": {SLEEPER!r}, "two": {SLEEPER!r}}}, Path(sys.argv[1]), time.monotonic) as supervisor:
    print(*supervisor.pids().values(), flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT], ids=lambda by: by.name)
def test_nothing_outlives_the_parent(tmp_path: Path, until: Until, by: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2 and all(alive(pid) for pid in pids)
        parent.send_signal(by)
        parent.wait(20)
        until(lambda: not any(alive(pid) for pid in pids))
    finally:
        parent.kill()
        parent.communicate()
