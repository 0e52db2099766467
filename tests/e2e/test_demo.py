"""The demo as a person starts it: real flights, a blizzard, and figures counted at the mail server."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from deploy.mail.kept import read_accepted

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def demo(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BEFOREHAND_")}
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "beforehand", "demo", "--run-dir", str(folder / "run"), *words],
            cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def running_from(folder: Path) -> list[str]:
    """The command lines of processes that still run on this folder's behalf."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
        except OSError:
            continue
        if str(folder / "run").encode() in command:
            found.append((path / "cmdline").read_text().replace("\0", " "))
    return found


def test_the_blizzard_is_told_before_it_is_felt(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        assert process.wait(timeout=420) == 0, (tmp_path / "demo.log").read_text()[-3000:]
    said: dict[str, Any] = json.loads((tmp_path / "run" / "demo.json").read_text())
    print(said)
    assert said["duplicates"] == 0
    assert said["unmatched"] == 0
    assert running_from(tmp_path) == []
    assert said["told_before"] >= 0.5
    assert said["false_alarms"] <= 0.4
    assert said["live_s"] < 120 + said["slow_s"]
    assert said["total_s"] < 360
    mails = tmp_path / "run" / "demo" / "mails"
    assert said["accepted"] == len(read_accepted(mails)) > 500
    mail = message_from_bytes(read_accepted(mails)[0].path(mails).read_bytes(), policy=default)
    assert mail["To"].endswith("@example.org")
    assert mail.get_body(("plain",)) is not None
    assert mail.get_body(("html",)) is not None


def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    with demo(tmp_path, "--source", "shop") as process:
        deadline = time.monotonic() + 60
        while len(running_from(tmp_path)) < 6 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(running_from(tmp_path)) >= 6  # Kafka, mail server, four processes of roles, the demo
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        assert process.returncode != 0
    assert "Traceback" not in (tmp_path / "demo.log").read_text()
    deadline = time.monotonic() + 10
    while running_from(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running_from(tmp_path) == []
