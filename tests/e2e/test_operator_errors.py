"""What a person can get wrong is told in one sentence, with what to do about it, and never with a traceback."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_port
from streams.admin import apply
from streams.topics import table

ROOT = Path(__file__).resolve().parents[2]


def beforehand(*words: str, folder: Path, timeout_s: float = 60, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BEFOREHAND_")}
    environment |= {f"BEFOREHAND_{name.upper()}": value for name, value in variables.items()}
    environment |= {"PYTHONPATH": str(ROOT), "BEFOREHAND_RUN_DIR": str(folder / "run"), "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, "-m", "beforehand", *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False,
    )  # fmt: skip


def assert_told(found: subprocess.CompletedProcess[str], *words: str) -> None:
    said = found.stdout + found.stderr
    assert found.returncode not in (0, None), said
    assert "Traceback" not in said
    for word in words:
        assert word in said, said
    assert len([line for line in found.stderr.splitlines() if line.startswith("beforehand: ")]) <= 1


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    assert_told(beforehand("settings", folder=tmp_path, partitions="many"), "BEFOREHAND_PARTITIONS", "integer")


def test_settings_are_printed_without_their_secrets(tmp_path: Path) -> None:
    found = beforehand("settings", folder=tmp_path, smtp_password="hush", kafka="127.0.0.1:1")
    assert found.returncode == 0
    assert "BEFOREHAND_SMTP_HOST" in found.stdout
    assert "hush" not in found.stdout


def test_a_command_that_needs_kafka_says_where_to_name_it(tmp_path: Path) -> None:
    assert_told(beforehand("topics", "check", folder=tmp_path), "BEFOREHAND_KAFKA")


def test_a_dead_broker_is_named(tmp_path: Path) -> None:
    where = f"127.0.0.1:{free_port()}"
    assert_told(beforehand("topics", "apply", folder=tmp_path, kafka=where), where, "start it")


def test_plain_text_beyond_this_machine_is_refused(tmp_path: Path) -> None:
    found = beforehand("topics", "apply", folder=tmp_path, kafka="kafka.example:9092")
    assert_told(found, "kafka.example", "BEFOREHAND_KAFKA_ALLOW_PLAINTEXT")


def test_an_unknown_role_is_told_with_those_there_are(tmp_path: Path) -> None:
    assert_told(beforehand("worker", "sendr", folder=tmp_path, kafka="127.0.0.1:1"), "sendr", "sender")


def test_two_faust_roles_in_one_process_are_refused(tmp_path: Path) -> None:
    found = beforehand("worker", "ingest", "detect", folder=tmp_path, kafka="127.0.0.1:1")
    assert_told(found, "process of its own")


def test_a_missing_clock_file_is_named(tmp_path: Path, kafka: Broker) -> None:
    found = beforehand(
        "worker", "sender", folder=tmp_path, kafka=kafka.bootstrap, clock_file=str(tmp_path / "no-such-clock"),
        database_url=f"sqlite:///{tmp_path / 'ledger.db'}", give_up_s="5",
    )  # fmt: skip
    assert_told(found, "no-such-clock", "unset it")


def test_a_database_of_an_unknown_kind_is_refused(tmp_path: Path, kafka: Broker) -> None:
    found = beforehand("worker", "decide", folder=tmp_path, kafka=kafka.bootstrap, database_url="mysql://x@y/z")
    assert_told(found, "BEFOREHAND_DATABASE_URL")


@pytest.mark.parametrize("command", [("worker", "sender")])
def test_a_locked_database_is_waited_for_and_then_named(
    tmp_path: Path, kafka: Broker, command: tuple[str, ...]
) -> None:
    file = tmp_path / "ledger.db"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("create table mine(x)")
    other.execute("begin exclusive")
    try:
        found = beforehand(
            *command, folder=tmp_path, kafka=kafka.bootstrap, database_url=f"sqlite:///{file}", give_up_s="2"
        )
    finally:
        other.close()
    assert_told(found, "locked")
    assert found.returncode == 70


def test_a_place_where_no_database_can_be_is_named(tmp_path: Path, kafka: Broker) -> None:
    (tmp_path / "file").write_text("not a folder")
    url = f"sqlite:///{tmp_path / 'file' / 'ledger.db'}"
    found = beforehand("worker", "sender", folder=tmp_path, kafka=kafka.bootstrap, database_url=url, give_up_s="2")
    assert_told(found, "ledger.db")


def test_a_topic_with_another_partition_count_is_told_with_what_to_set(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as broker:
        apply(broker.bootstrap, table(2))
        found = beforehand("topics", "apply", folder=tmp_path, kafka=broker.bootstrap, partitions="3")
        assert_told(found, "2 partitions", "BEFOREHAND_PARTITIONS")
        checked = beforehand("topics", "check", folder=tmp_path, kafka=broker.bootstrap, partitions="3")
        assert checked.returncode == 1
        assert "2 partitions" in checked.stdout
        worker = beforehand("worker", "detect", folder=tmp_path, kafka=broker.bootstrap, partitions="3")
        assert_told(worker, "partition")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = subprocess.run(
            [sys.executable, "-m", "deploy.kafka", "--home", str(tmp_path / "kafka"), "--port", str(port)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert found.returncode != 0
    assert str(port) in found.stderr
    assert "Traceback" not in found.stderr
