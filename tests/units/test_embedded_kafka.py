"""The embedded broker is a real Kafka: quick, small, the same again after a crash, and never left behind."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.kafka.broker import Broker
from deploy.kafka.errors import BrokerFailed, DataInUse, PortInUse
from deploy.kafka.ports import LOWEST, free_port
from streams.admin import apply
from streams.topics import ISSUES, OBSERVATIONS, table

ROOT = Path(__file__).resolve().parents[2]
Until = Callable[..., None]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def write(bootstrap: str, topic: str, values: list[bytes], then: Callable[[], None] = lambda: None) -> None:
    """In one transaction, and `then` at once."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="test-writer")
    await producer.start()
    async with producer.transaction():
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)
    then()
    await producer.stop()


async def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    async with (
        asyncio.timeout(30),
        AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed") as consumer,
    ):
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        return [(await consumer.getone()).value for _ in range(count)]


@pytest.fixture(scope="module")
def broker(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One of our own, to be killed; after `kafka`, so that whatever is made once per machine is there."""
    with Broker(tmp_path_factory.mktemp("own")) as own:
        apply(own.bootstrap, table(1))
        yield own


def test_data_and_port_survive_a_crash_and_a_new_object(broker: Broker) -> None:
    asyncio.run(write(broker.bootstrap, ISSUES, [b"one", b"two"]))
    before = broker.bootstrap
    broker.kill()
    again = Broker(broker.home)
    with again:
        assert again.bootstrap == before
        assert asyncio.run(read(again.bootstrap, ISSUES, 2)) == [b"one", b"two"]
    broker.start()
    assert broker.bootstrap == before
    assert asyncio.run(read(broker.bootstrap, ISSUES, 2)) == [b"one", b"two"]


def test_what_was_committed_just_before_a_crash_is_there_for_readers_of_committed_records(broker: Broker) -> None:
    """Without the controller's part in `recovery.py` about one in ten of these transactions never ends."""
    asyncio.run(write(broker.bootstrap, OBSERVATIONS, [b"one", b"two"], then=broker.kill))
    said_before = broker.log.read_text()
    broker.start()
    assert asyncio.run(read(broker.bootstrap, OBSERVATIONS, 2)) == [b"one", b"two"]
    said = broker.log.read_text().removeprefix(said_before)
    assert "[TransactionCoordinator id=1] Connection to node 1" not in said  # it did not act for the dead one


def test_it_is_ready_in_under_3_s_and_under_250_mb(kafka: Broker, tmp_path: Path) -> None:
    needed_s = []
    for attempt in range(3):
        started = time.monotonic()
        with Broker(tmp_path / f"Größe {attempt}") as quick:  # any name of a folder will do
            took_s = time.monotonic() - started
            # Others may keep the machine busy: then what Kafka itself needed of it counts.
            needed_s.append(min(took_s, processor_s(quick.pid)))
            assert resident_mb(quick.pid) < 250
        if needed_s[-1] < 3:
            return
    pytest.fail(f"needed {needed_s} s")


def test_a_port_somebody_has_is_refused_in_one_sentence_and_nothing_is_left(kafka: Broker, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"^port {port} of this machine is in use .* ask for another$"):
            Broker(tmp_path, port=port).start()
    assert not (tmp_path / "kafka.log").exists()


def test_no_two_servers_of_one_start_are_given_one_port() -> None:
    """A broker was once given the same port for its clients and its controller, and ended."""
    promised = range(LOWEST, 32_768)
    assert free_port(*promised) not in promised


def test_two_brokers_on_one_folder_are_refused(broker: Broker) -> None:
    second = Broker(broker.home)
    with pytest.raises(DataInUse, match="another Kafka runs on"):
        second.start()
    assert broker.running and not second.running


def test_a_wrong_setting_is_told_with_its_reason(kafka: Broker, tmp_path: Path) -> None:
    with pytest.raises(BrokerFailed, match=r"log\.retention\.ms.*kafka\.log$"):
        Broker(tmp_path, properties={"log.retention.ms": "soon"}).start()


def test_a_broker_that_does_not_run_has_no_process_and_no_address(tmp_path: Path) -> None:
    with pytest.raises(BrokerFailed, match="start it first"):
        _ = Broker(tmp_path).pid
    with pytest.raises(BrokerFailed, match="never started"):
        _ = Broker(tmp_path).bootstrap


def test_it_outlives_the_thread_that_started_it(kafka: Broker, tmp_path: Path) -> None:
    mine = Broker(tmp_path)
    starter = threading.Thread(target=mine.start)
    starter.start()
    starter.join()
    try:
        with pytest.raises(subprocess.TimeoutExpired):  # the system would have ended it by now
            mine._started().process.wait(0.5)
        assert mine.running
    finally:
        mine.stop()


PARENT = """
import sys, time
from pathlib import Path
from deploy.kafka.broker import Broker
with Broker(Path(sys.argv[1])) as broker:
    print(broker.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_a_parent_that_is_killed(kafka: Broker, tmp_path: Path, until: Until) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
        parent.wait()
        until(lambda: not alive(pid))
    finally:
        parent.kill()
        parent.communicate()


def test_in_the_foreground_it_serves_until_it_is_told_to_end(kafka: Broker, tmp_path: Path, until: Until) -> None:
    command = [sys.executable, "-m", "deploy.kafka", "--home", str(tmp_path)]
    shown = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert shown.stdout is not None
        host, port = shown.stdout.readline().strip().split(":")
        with socket.create_connection((host, int(port)), 5):
            pass
        shown.send_signal(signal.SIGTERM)
        assert shown.communicate(timeout=30)[1] == ""
        assert shown.returncode == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), 5)
    finally:
        shown.kill()
        shown.communicate()


def test_in_the_foreground_a_port_in_use_is_one_line_and_no_traceback(kafka: Broker, tmp_path: Path) -> None:
    port = kafka.bootstrap.rpartition(":")[2]
    command = [sys.executable, "-m", "deploy.kafka", "--home", str(tmp_path), "--port", port]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"port {port} of this machine is in use by another program: stop it, or ask for another"
    ]


def test_a_frozen_broker_can_be_stopped(kafka: Broker, tmp_path: Path) -> None:
    mine = Broker(tmp_path).start()
    pid = mine.pid
    os.kill(pid, signal.SIGSTOP)
    mine.stop(timeout_s=20)
    assert not alive(pid)
