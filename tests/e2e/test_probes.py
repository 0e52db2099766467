"""Health is about progress: green while Kafka, SQL or SMTP are down, red when the loop stands still."""

import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from kafka import KafkaProducer

from deploy.kafka.broker import Broker
from desk.sources.feed import feed
from desk.sources.shop import Shop
from streams.admin import apply
from streams.topics import Topic, state_topic
from tests.e2e.commands import ROOT
from tests.e2e.house import PARTITIONS, address_items, eventually, house
from tests.e2e.probing import ask, samples, value
from tests.e2e.stuck_role import STAND_STILL
from tests.e2e.test_away import broker_away, database_away

TELL = "remember+decide+sender"
PROCESSES = {"ingest": ["ingest"], "detect": ["detect"], "tell": ["remember", "decide", "sender"]}
SERVED = ("ingest", "detect", TELL)
AWAY_S = 13.0
"""Longer than the 10 s after which silence of a broker counts as no answer."""


def all_ready(run_dir: Path) -> bool:
    return all(ask(run_dir, name, "/readyz").code == 200 for name in SERVED)


def stays_green(run_dir: Path, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for name in SERVED:
            answer = ask(run_dir, name, "/healthz")
            assert answer.code == 200, (name, answer)
        time.sleep(0.5)


def test_health_stays_green_while_what_it_needs_is_down_and_readiness_says_so(tmp_path: Path) -> None:
    shop = Shop(customers=600, seed=9, duration=timedelta(hours=2))
    whole = list(feed(list(shop.events()), PARTITIONS, timedelta(minutes=30)))
    # After a day many troubles are open; a trouble that ends before its mail is tried takes the mail back.
    items = [item for item in whole if item[2].time < whole[0][2].time + timedelta(days=1)]
    with house(tmp_path, items[-1][2].time, processes=PROCESSES) as running:
        eventually(lambda: all_ready(tmp_path), 60, "all are ready")
        running.mail_server.stop()
        running.feed(address_items(shop.addresses()), paced=False)
        running.feed(items, paced=False)
        eventually(lambda: retried(tmp_path) > 0, 60, "mails are tried in vain")
        stays_green(tmp_path, 3)
        assert all_ready(tmp_path), "a mail server is no condition of readiness"
        with broker_away(running):
            stays_green(tmp_path, AWAY_S)
            assert "Kafka does not answer" in ask(tmp_path, "detect", "/readyz").reasons
            assert "Kafka does not answer" in ask(tmp_path, TELL, "/readyz").reasons
        eventually(lambda: all_ready(tmp_path), 60, "ready again with Kafka")
        with database_away(running):
            running.feed(address_items(shop.addresses()), paced=False)
            eventually(lambda: "locked" in ask(tmp_path, TELL, "/readyz").reasons, 40, "the ledger is missed")
            stays_green(tmp_path, 2)
            assert ask(tmp_path, "detect", "/readyz").code == 200, "detect needs no ledger"
        eventually(lambda: all_ready(tmp_path), 60, "ready again with the ledger")
        assert running.stack.supervisor.restarts() == dict.fromkeys(PROCESSES, 0)


def retried(run_dir: Path) -> float:
    return value(samples(run_dir, TELL), "beforehand_outreach_total", outcome="retried")


def stuck(folder: Path, kafka: Broker, topic: str, **variables: str) -> subprocess.Popen[bytes]:
    """The role that may stand still, started, with its topics."""
    apply(
        kafka.bootstrap,
        [Topic(topic, PARTITIONS, timedelta(days=1)), Topic(state_topic(topic, topic), PARTITIONS, None)],
    )
    given = {"KAFKA": kafka.bootstrap, "PARTITIONS": str(PARTITIONS), "RUN_DIR": str(folder), **variables}
    environment = {
        **os.environ,
        **{f"BEFOREHAND_{name}": text for name, text in given.items()},
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "stuck.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.stuck_role", topic, topic],
            cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip


def send(kafka: Broker, topic: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    producer.send(topic, value, partition=0).get(timeout=20)
    producer.close()


def test_health_goes_red_when_the_loop_stands_still_and_the_watchdog_ends_the_process(
    tmp_path: Path, kafka: Broker
) -> None:
    process = stuck(tmp_path, kafka, "stands-still", WATCHDOG_S="16")
    try:
        seen: list[tuple[int, float]] = []

        def ready() -> bool:
            code = ask(tmp_path, "stands-still", "/readyz").code
            taken = value(samples(tmp_path, "stands-still"), "beforehand_recovery_seconds_count")
            seen.append((code, taken))
            return code == 200

        eventually(ready, 60, "the role is ready")
        assert all(taken == PARTITIONS for code, taken in seen if code == 200), "ready only after all states are read"
        assert any(code == 503 for code, _ in seen), "not ready before"
        assert ask(tmp_path, "stands-still", "/healthz").code == 200
        send(kafka, "stands-still", STAND_STILL)
        eventually(lambda: ask(tmp_path, "stands-still", "/healthz").code == 503, 20, "health is red")
        assert re.search("loop has not turned", ask(tmp_path, "stands-still", "/healthz").reasons)
        assert ask(tmp_path, "stands-still", "/readyz").code == 503
        assert process.wait(timeout=30) == 70
        assert "the event loop has not turned for" in (tmp_path / "stuck.log").read_text()
    finally:
        process.kill()
        process.wait()


def test_a_role_that_reads_and_never_commits_ends_itself_with_a_sentence(tmp_path: Path, kafka: Broker) -> None:
    process = stuck(tmp_path, kafka, "never-commits", WATCHDOG_S="4", CHECKPOINT_S="3600")
    try:
        eventually(lambda: ask(tmp_path, "never-commits", "/readyz").code == 200, 60, "the role is ready")
        send(kafka, "never-commits", b"one")
        assert process.wait(timeout=30) == 70
        said = (tmp_path / "stuck.log").read_text()
        assert re.search(r"never-commits has read never-commits/0 up to 1 and committed nothing beyond 0", said), said
    finally:
        process.kill()
        process.wait()
