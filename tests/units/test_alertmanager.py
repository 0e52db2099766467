"""Who is woken: asked of a real Alertmanager with our configuration."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.child import spawn
from deploy.kafka.ports import HOST, free_port
from tests.alert_files import DEPLOY, alerts, read
from tests.prometheus_tools import tool

CONFIG = DEPLOY / "alertmanager" / "alertmanager.yaml"


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    folder, where = tmp_path_factory.mktemp("alertmanager"), f"{HOST}:{free_port()}"
    command = [
        tool("prometheus-alertmanager"), f"--config.file={CONFIG}", f"--storage.path={folder}",
        f"--web.listen-address={where}", "--cluster.listen-address=",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = spawn(command, log, folder=folder)
    try:
        yield where
    finally:
        process.terminate()
        process.wait(20)


def ask(address: str, path: str, body: object = None, timeout_s: float = 20) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    json_ = {"Content-Type": "application/json"}
    ends = time.monotonic() + timeout_s
    while True:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"http://{address}/api/v2{path}", sent, json_), timeout=5
            ) as answer:
                return json.loads(answer.read() or b"null")
        except OSError:
            assert time.monotonic() < ends, "Alertmanager does not answer"
            time.sleep(0.1)


def test_pages_hide_what_only_follows_and_nothing_hides_a_duplicate(alertmanager: str) -> None:
    fired = [
        ("KafkaDown", "page", {}),
        ("ConsumerStalled", "page", {"role": "detect"}),
        ("ConsumerLagGrowing", "ticket", {"role": "detect"}),
        ("ConsumerBehind", "page", {"role": "detect"}),
        ("CommitNotAdvancing", "page", {"role": "detect"}),
        ("RecoveryTooLong", "page", {"role": "detect"}),
        ("PartitionsUnowned", "page", {"role": "detect"}),
        ("ChannelFailureRate", "page", {"channel": "email"}),
        ("ChannelFailureRate", "ticket", {"channel": "email"}),
        ("ChannelFailureRate", "ticket", {"channel": "sms"}),
        ("DuplicateOutreachDetected", "page", {"count": "1"}),
        ("DuplicateOutreachDetected", "ticket", {"count": "2"}),
        ("CanaryLost", "page", {}),
    ]
    ask(alertmanager, "/alerts", [{"labels": {"alertname": n, "severity": s, **more}} for n, s, more in fired])
    expected = {
        ("ConsumerStalled", ""), ("ConsumerLagGrowing", ""), ("ConsumerBehind", ""), ("CommitNotAdvancing", ""),
        ("RecoveryTooLong", ""), ("PartitionsUnowned", ""), ("ChannelFailureRate", "email"),
    }  # fmt: skip

    def hidden() -> set[tuple[str, str]]:
        told = ask(alertmanager, "/alerts")
        found = [one["labels"] for one in told if one["status"]["inhibitedBy"]]
        assert not [one for one in found if one["severity"] == "page" and one["alertname"] == "ChannelFailureRate"]
        return {(one["alertname"], one.get("channel", "")) for one in found}

    ends = time.monotonic() + 60
    while (found := hidden()) != expected:
        assert time.monotonic() < ends, found
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=Watchdog", "severity=ticket"], "dead-mans-switch"),
        (["alertname=DuplicateOutreachDetected", "severity=page"], "pager"),
        (["alertname=OutreachUnknownPending", "severity=page", "hours=working"], "pager"),
        (["alertname=DeadLettersWaiting", "severity=ticket"], "tickets"),
    ],
    ids=lambda labels: str(labels),
)
def test_an_alert_goes_to_who_is_meant(labels: list[str], receiver: str) -> None:
    found = subprocess.run(
        [tool("amtool"), "config", "routes", "test", f"--config.file={CONFIG}", *labels],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == receiver


def test_only_alerts_that_exist_are_named() -> None:
    known = {one["alert"] for one in alerts()}
    text = Path(CONFIG).read_text()
    [follow] = [m for rule in read(CONFIG)["inhibit_rules"] for m in rule["target_matchers"] if "=~" in m]
    assert set(follow.split('"')[1].split("|")) <= known
    assert {name for name in ("KafkaDown", "Watchdog", "DuplicateOutreachDetected") if name in text} <= known
