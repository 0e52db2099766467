"""A canary walks the whole way and is told nothing, and what the processes tell Prometheus is what was agreed."""

import re
import time
from pathlib import Path

from pydantic import SecretStr

from beforehand.stack import PROCESSES, Stack
from deploy.mail.server import MailServer
from ledger import counts
from ledger.database import Ledger
from ledger.tables import decisions, outbox
from models.canary import is_canary
from streams.metrics.catalogue import all_metrics
from streams.settings import Settings
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.probing import Sample, ask, samples, value

TELL = "+".join(PROCESSES["tell"])
SERVED = ("ingest", "detect", "context", "learn", TELL)


def test_canaries_come_through_every_beat_and_nobody_is_told_or_counted(tmp_path: Path) -> None:
    with MailServer(tmp_path / "mails") as mail_server:
        settings = Settings.model_validate({
            "kafka": "", "partitions": PARTITIONS, "run_dir": tmp_path, "smtp_port": mail_server.port, "canary_s": 2.0,
            "database_url": SecretStr(f"sqlite:///{tmp_path / 'ledger.db'}"), "settle_s": 0.5, "beat_s": 0.5,
        })  # fmt: skip
        began = time.time()
        with Stack(settings) as stack:
            eventually(lambda: told(tmp_path, "beforehand_canary_seconds_count") >= 3, 90, "canaries come through")
            assert value(samples(tmp_path, TELL), "beforehand_canary_last_success_timestamp_seconds") > began
            eventually(lambda: watermark(tmp_path) > began - 60, 30, "detect knows how far telemetry was read")
            everything = {name: samples(tmp_path, name) for name in SERVED}
            ready = {name: ask(tmp_path, name, "/readyz").code for name in SERVED}
            eventually(lambda: told(tmp_path, "beforehand_open_issues") == 0, 10, "no canary is an open issue")
        assert stack.supervisor.restarts() == dict.fromkeys(PROCESSES, 0)
    assert ready == dict.fromkeys(SERVED, 200)
    check_told_nobody(Ledger(settings.database_url.get_secret_value()))
    assert mail_server.accepted == []
    assert value(everything[TELL], "beforehand_decisions_total", verdict="hold", rule="canary") >= 3
    assert value(everything[TELL], "beforehand_decisions_total", verdict="tell") == 0
    assert value(everything[TELL], "beforehand_event_to_decision_seconds_count") == 0
    assert value(everything["detect"], "beforehand_issues_total") == 0
    assert value(everything["ingest"], "beforehand_events_consumed_total", topic="telemetry.v1", result="ok") >= 3 * 9
    check_as_agreed([one for some in everything.values() for one in some])


def told(run_dir: Path, name: str) -> float:
    return value(samples(run_dir, TELL), name)


def watermark(run_dir: Path) -> float:
    return value(samples(run_dir, "detect"), "beforehand_watermark_timestamp_seconds", source="telemetry.v1")


def check_told_nobody(ledger: Ledger) -> None:
    with ledger.read() as connection:
        decided = connection.execute(decisions.select()).all()
        assert len(decided) >= 3
        assert all(is_canary(one.customer_id) and (one.verdict, one.rule) == ("hold", "canary") for one in decided)
        assert connection.execute(outbox.select()).all() == []
        assert (counts.decided(connection), counts.open_episodes(connection)) == (0, 0)
        assert counts.by_rule(connection) == {}
    ledger.close()


def check_as_agreed(everything: list[Sample]) -> None:
    """Every metric is told by some process, no label is unknown, and none holds what a customer is called."""
    ours = [one for one in everything if one[0].startswith("beforehand_")]
    names = {re.sub("_(bucket|sum|count)$", "", name) for name, _, _ in ours}
    only_when_it_happens = {"beforehand_restarts_total", "beforehand_open_issues"}
    only_when_it_happens |= {one.name for one in all_metrics() if one.name.startswith("beforehand_model_")}
    assert {metric.name for metric in all_metrics()} - only_when_it_happens <= names
    known = {metric.name: {label.name: label.values for label in metric.labels} for metric in all_metrics()}
    for name, labels, _ in ours:
        allowed = known[re.sub("_(bucket|sum|count)$", "", name)]
        for label, said in labels.items():
            assert label == "le" or not allowed[label] or said in allowed[label], (name, label, said)
            assert not is_canary(said)
            assert label in ("detector", "family", "model") or "order" not in said or said == "orders.v1"
