"""`beforehand status` as a person sees it: on terminals of any width, refreshed until Ctrl-C."""

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from beforehand.status.figures import Causes, Status
from beforehand.status.picture import picture
from detectors.causes.cause import Standing
from tests.e2e.commands import ROOT

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
AILS = ["Kafka at 127.0.0.1:9092 does not answer: start it, or correct BEFOREHAND_KAFKA"]
NAMES = (
    "error_burst", "late_delivery", "login_trouble", "payment_retry_loop", "refund_overdue", "silent_device",
    "slow_experience", "stalled_order", "stuck_checkout", "usage_drop",
)  # fmt: skip
SELLER = Standing(
    cause_id="cause:1", family="orders_days", entities={"seller": "1025f0e2d44d7041d6cf58b6550e0bfa"}, cases=1_234,
    rate=0.5, expected=0.1, since=NOON - timedelta(hours=30), stands_until=NOON + timedelta(days=3),
)  # fmt: skip
FULL = Status(
    processes={
        "context": "ready", "detect": "detect: 3 of 16 partitions are being read back", "in_app": "ready",
        "remember+decide+sender+canary": "ready", "up": "ready",
    },
    lag={"ingest": 0, "detect": 1_234_567, "context": 0, "remember": 2, "decide": 1},
    watermarks={"orders.v1": NOON - timedelta(seconds=7), "telemetry.v1": NOON - timedelta(hours=3), "scans": None},
    canary_at=NOON - timedelta(minutes=4),
    open_issues=dict.fromkeys(NAMES, 917),
    outbox={"PENDING": 12, "CLAIMED": 0, "SENT": 123_456, "UNKNOWN": 1},
    holds={"consent": 3, "too_old": 100, "record_not_caught_up": 7, "[shadow]": 90},
    halted={"outreach": "ann: wrong texts"},
    causes=Causes(open=3, largest=SELLER),
    trouble=AILS,
)  # fmt: skip


def shown(status: Status, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(picture(status, NOON))
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_everything_is_on_it_and_no_name_is_broken(width: int) -> None:
    lines = shown(FULL, width)
    assert max(map(len, lines)) <= width
    for name in (*FULL.lag, *FULL.watermarks, *FULL.open_issues, *FULL.holds, "PENDING", "UNKNOWN", "1,234,567"):
        assert [line for line in lines if re.search(rf"(^|\s){re.escape(name)}(\s|$)", line)], name
    whole = " ".join(" ".join(lines).split())
    for words in ("7 s ago", "3 h ago", "not known yet", "last came through", "4 min ago", *FULL.processes):
        assert words in whole
    assert "CLAIMED" not in whole, "what is 0 is left out"


@pytest.mark.parametrize(("width", "lines"), [(60, 45), (80, 30), (120, 28)])
def test_what_ails_stands_at_the_top_and_the_rest_is_not_longer_than_it_must_be(width: int, lines: int) -> None:
    found = shown(FULL, width)
    assert len(found) <= lines
    top = " ".join(" ".join(found[:6]).split())
    assert AILS[0] in top and "halted by outreach: ann: wrong texts" in top and "detect is not ready" in top


def test_open_causes_are_counted_and_the_largest_is_named_with_its_customers_and_since_when() -> None:
    def causes(found: Causes) -> str:
        whole = " ".join(" ".join(shown(msgspec.structs.replace(FULL, causes=found), 80)).split())
        return whole.partition("causes ")[2].partition("lag (offsets)")[0].strip()

    words = "seller 1025f0e2d44d7041d6cf58b6550e0bfa, 1,234 customers, opened 30 h ago (07 Feb 06:00)"
    assert causes(FULL.causes) == f"3 open: the largest is {words}"
    assert causes(Causes(open=1, largest=SELLER)) == f"1 open: {words}"
    everything = msgspec.structs.replace(SELLER, entities={})
    assert causes(Causes(open=1, largest=everything)).startswith("1 open: all orders_days, 1,234 customers")
    assert causes(Causes()) == "none"


def test_a_wide_terminal_has_the_service_beside_its_customers() -> None:
    beside = [line for line in shown(FULL, 80) if "lag (offsets)" in line and "open issues" in line]
    assert len(beside) == 1
    assert not [line for line in shown(FULL, 70) if "lag (offsets)" in line and "open issues" in line]


def test_status_refreshes_until_ctrl_c_and_fits(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    outside = {name: value for name, value in os.environ.items() if name.split("_")[0] not in ("BEFOREHAND", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "beforehand", "status"], cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs,
        env=outside | {"PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    try:
        drawn = read_until(ours, lambda text: text.count(" UTC") >= 3, 90)
        process.send_signal(signal.SIGINT)
        rest = read_until(ours, lambda _: False, 60)
        assert process.wait(60) == 130
    finally:
        process.kill()
        os.close(ours)
    assert "Traceback" not in drawn + rest
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn + rest)
    assert "start `beforehand up`" in " ".join(text.split())
    assert max(len(line) for line in re.split(r"[\r\n]+", text)) <= 80
    assert "\x1b[1A" in drawn, "it is drawn over what was there"


def read_until(terminal: int, enough: Callable[[str], bool], timeout_s: float) -> str:
    """What comes until it is enough, or the other side is gone."""
    text, ends = "", time.monotonic() + timeout_s
    while not enough(text) and time.monotonic() < ends:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            text += os.read(terminal, 65_536).decode(errors="replace")
        except OSError:  # Linux says so when the last writer is gone
            break
    return text
