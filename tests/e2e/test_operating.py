"""`doctor` says what is wrong and what to do; `status` shows how the service stands; `up` serves its own probes."""

import json
import signal
from pathlib import Path
from typing import Any

from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_port
from deploy.mail.server import MailServer
from tests.e2e.commands import ROOT, started, typed
from tests.e2e.house import eventually
from tests.e2e.probing import address, ask, samples, value


def test_metrics_prints_the_page_that_is_in_docs(tmp_path: Path) -> None:
    assert typed(["metrics"], tmp_path).stdout == (ROOT / "docs" / "metrics.md").read_text()


def lines(out: str) -> dict[str, tuple[str, str]]:
    """What it is about -> the verdict and what was said."""
    found = {}
    for line in out.splitlines():
        verdict, about, said = line.split(maxsplit=2)
        found[about.rstrip(":")] = verdict, said
    return found


def test_doctor_names_what_is_wrong_until_all_is_well(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as broker, MailServer(tmp_path / "mails") as mail:
        given = {
            "kafka": broker.bootstrap, "partitions": "1", "smtp_port": str(mail.port),
            "database_url": f"sqlite:///{tmp_path / 'ledger.db'}",
        }  # fmt: skip
        before = typed(["doctor"], tmp_path, 90, **given)
        assert before.returncode == 1
        assert lines(before.stdout)["topics"][0] == "WRONG"
        assert "run `beforehand topics apply`" in lines(before.stdout)["topics"][1]
        assert typed(["topics", "apply"], tmp_path, 90, **given).returncode == 0

        well = typed(["doctor"], tmp_path, 90, **given)
        assert well.returncode == 0, well.stdout + well.stderr
        said = lines(well.stdout)
        assert list(said) == ["settings", "Kafka", "topics", "clock", "ledger", "email", "disk"]
        assert {verdict for verdict, _ in said.values()} == {"ok"}
        assert not (tmp_path / "ledger.db").exists(), "looking makes nothing"

        mail.stop()
        ill = lines(typed(["doctor"], tmp_path, 90, **given).stdout)
        assert (ill["email"][0], ill["topics"][0]) == ("WRONG", "ok")
        assert f":{mail.port}: start it" in ill["email"][1]


def test_doctor_goes_on_when_nothing_answers(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    found = typed(
        ["doctor"], tmp_path, kafka=nobody, smtp_port=str(free_port()), watchdog_s="30",
        database_url="postgresql://nobody@127.0.0.1:1/none", run_dir="/proc/run",
    )  # fmt: skip
    assert found.returncode == 1
    assert "Traceback" not in found.stdout + found.stderr
    wrong = {about for about, (verdict, _) in lines(found.stdout).items() if verdict == "WRONG"}
    assert wrong == {"settings", "Kafka", "ledger", "email", "disk"}
    for about, (_, said) in lines(found.stdout).items():
        assert len(said) > 20, about


def test_a_probes_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with MailServer(tmp_path / "mails") as other:
        found = typed(["worker", "ingest"], tmp_path, kafka="127.0.0.1:1", probes_port=str(other.port))
    assert found.returncode == 2
    assert f"probes cannot be served at 127.0.0.1:{other.port}" in found.stderr
    assert "Traceback" not in found.stderr


def test_status_shows_what_runs_and_up_counts_what_it_started_again(tmp_path: Path) -> None:
    nothing = typed(["status", "--once"], tmp_path)
    assert nothing.returncode == 1
    assert "start `beforehand up`" in nothing.stdout
    process = started(["up"], tmp_path, partitions="1", canary_s="2", settle_s="0.5", beat_s="0.5")
    try:
        run = tmp_path / ".run"
        eventually(lambda: status(tmp_path).get("canary_at"), 90, "a canary comes through, and status knows")
        eventually(lambda: set(status(tmp_path)["processes"].values()) == {"ready"}, 60, "all are ready")
        seen = status(tmp_path)
        assert set(seen["lag"]) >= {"ingest", "detect", "context", "learn", "remember", "decide"}
        assert seen["watermarks"]["telemetry.v1"]
        assert (seen["holds"], seen["outbox"]["SENT"], seen["trouble"]) == ({}, 0, [])
        shown = typed(["status", "--once"], tmp_path)
        assert shown.returncode == 0, shown.stderr
        assert seen["causes"] == {"open": 0, "largest": None}
        for words in ("process", "causes", "lag (offsets)", "telemetry.v1", "last came through"):
            assert words in shown.stdout
        assert ask(run, "up", "/healthz").code == 200
        assert value(samples(run, "up"), "beforehand_restarts_total", process="detect") == 0
        assert address(run, "detect")
    finally:
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "ended" in out
    assert list((run / "probes").glob("*.json")) == [], "what ended well leaves no address"


def status(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(typed(["status", "--json"], folder).stdout)
    return found
