"""Exactly once on a real broker: whatever is killed, stopped or taken over, the result is that of a quiet run."""

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from deploy.kafka.broker import Broker
from tests.conftest import Until
from tests.e2e.counting import Counting

TOTAL = 24_000


@pytest.fixture
def counting(kafka: Broker, tmp_path: Path) -> Iterator[Counting]:
    run = Counting(kafka.bootstrap, tmp_path)
    yield run
    run.stop()


def feeding(run: Counting, count: int, rate: float) -> Thread:
    thread = Thread(target=run.produce, args=(count,), kwargs={"rate": rate}, daemon=True)
    thread.start()
    return thread


def test_a_worker_that_is_killed_again_and_again_leaves_an_exact_result(counting: Counting, until: Until) -> None:
    thread = feeding(counting, TOTAL, rate=2_000)
    kills = 0
    for goal in (200, 600, 1_000, 1_400):
        worker = counting.start()
        until(lambda goal=goal: counting.written() >= goal, 180)
        worker.send(signal.SIGKILL)
        assert worker.ends() == -signal.SIGKILL
        kills += 1
    worker = counting.start()
    thread.join(60)
    until(counting.complete, 180)
    worker.send(signal.SIGTERM)
    assert worker.ends() == 0
    assert kills == 4
    assert counting.check() > 2_000
    resumed = [one["next"] for one in worker.said("partition_open")]
    assert len(resumed) == 4
    assert min(resumed) > 0


def test_two_workers_come_and_go_and_nothing_is_lost_or_done_twice(counting: Counting, until: Until) -> None:
    thread = feeding(counting, TOTAL, rate=1_500)
    chance = random.Random(7)
    pair = [counting.start(), counting.start()]
    for number, goal in enumerate((300, 700, 1_100, 1_500)):
        until(lambda goal=goal: counting.written() >= goal, 180)
        leaving = pair.pop(chance.randrange(2))
        how = signal.SIGTERM if number % 2 else signal.SIGKILL
        leaving.send(how)
        assert leaving.ends() == (0 if how is signal.SIGTERM else -how)
        pair.append(counting.start())
    thread.join(60)
    until(counting.complete, 180)
    for worker in pair:
        worker.send(signal.SIGTERM)
        assert worker.ends() == 0
    assert counting.check() > 2_000
    left = [one for worker in counting.workers for name in ("revoked", "closed") for one in worker.said(name)]
    assert [one["unsaved"] for one in left] == [0] * len(left)


def test_a_worker_that_was_stopped_past_its_session_is_fenced_when_it_wakes(counting: Counting, until: Until) -> None:
    thread = feeding(counting, TOTAL // 2, rate=1_000)
    zombie, other = counting.start(), counting.start()
    until(lambda: zombie.said("partitions_open") and other.said("partitions_open"), 30)
    until(lambda: counting.written() >= 200, 30)
    zombie.send(signal.SIGSTOP)
    before = len(other.said("partitions_open"))
    until(lambda: len(other.said("partitions_open")) > before, 30)
    zombie.send(signal.SIGCONT)
    assert zombie.ends(10) == 70
    assert "ProducerFenced" in zombie.said("checkpoint_failed")[0]["error"]
    thread.join(60)
    until(counting.complete, 180)
    other.send(signal.SIGTERM)
    assert other.ends() == 0
    assert counting.check() > 1_000


def test_a_worker_told_to_stop_writes_what_it_has_and_ends_quickly(counting: Counting, until: Until) -> None:
    counting.produce(3_000)
    worker = counting.start()
    until(counting.complete, 30)
    worker.send(signal.SIGTERM)
    assert worker.ends(10) == 0
    assert [one["unsaved"] for one in worker.said("closed")] == [0]
    counting.check()


def test_a_step_that_fails_ends_the_process_and_writes_nothing_of_its_batch(counting: Counting, until: Until) -> None:
    counting.produce(2_000)
    worker = counting.start()
    until(counting.complete, 30)
    counting.produce_raw([json.dumps({"customer": "c0", "v": 1.0}).encode()] * 10 + [b"no event"], partition=0)
    assert worker.ends() == 70
    [said] = worker.said("apply_failed")
    assert said["error"] == "JSONDecodeError"
    again = counting.start()
    assert again.ends() == 70
    outputs = counting.outputs()
    expected = counting.expected(but_last={0: 11})
    assert outputs == [wanted for wanted, _ in expected]


def test_what_a_producer_aborted_is_never_acted_on(counting: Counting, until: Until) -> None:
    counting.produce(1_000)
    counting.produce_raw([json.dumps({"customer": "c1", "v": 9.0}).encode()] * 100, partition=1, commit=False)
    counting.produce(1_000, seed=2)
    worker = counting.start()
    until(counting.complete, 30)
    worker.send(signal.SIGTERM)
    assert worker.ends() == 0
    counting.check()


def test_a_broker_that_hangs_longer_than_a_transaction_may_take_ends_the_worker(tmp_path: Path, until: Until) -> None:
    with Broker(tmp_path / "kafka") as broker:
        counting = Counting(broker.bootstrap, tmp_path, more={"transaction_timeout_s": 4.0, "give_up_s": 10.0})
        try:
            worker = counting.start()
            thread = feeding(counting, 6_000, rate=1_000)
            until(lambda: counting.written() >= 100, 30)
            os.kill(broker.pid, signal.SIGSTOP)
            assert worker.ends(30) == 70
            assert "TimeoutError" in worker.said("checkpoint_failed")[0]["error"]
            again = counting.start()
            os.kill(broker.pid, signal.SIGCONT)
            thread.join(60)
            assert not thread.is_alive(), "all of the input is there"
            until(lambda: again.said("partitions_open"), 60)
            until(counting.complete, 180)
            again.send(signal.SIGTERM)
            assert again.ends() == 0
            assert counting.check() > 400
        finally:
            counting.stop()


def test_when_the_broker_goes_an_idle_worker_and_one_without_partitions_both_end(tmp_path: Path, until: Until) -> None:
    with Broker(tmp_path / "kafka") as broker:
        patience = {"transaction_timeout_s": 4.0, "give_up_s": 8.0}
        counting = Counting(broker.bootstrap, tmp_path, partitions=1, more=patience)
        try:
            pair = [counting.start(), counting.start()]
            until(lambda: all(worker.said("partitions_open") for worker in pair), 30)
            broker.stop()
            assert [worker.ends(40) for worker in pair] == [70, 70]
        finally:
            counting.stop()


def test_without_a_broker_a_worker_gives_up_in_time(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as broker:
        counting = Counting(broker.bootstrap, tmp_path, more={"give_up_s": 2.0})
    worker = counting.start()
    assert worker.ends(20) == 1
    assert "KafkaStayedAway: no Kafka answers at 127.0.0.1:" in worker.log.read_text()


def test_a_topic_with_another_partition_count_is_refused(counting: Counting) -> None:
    counting.more["partitions"] = 5
    worker = counting.start()
    assert worker.ends(20) == 1
    assert f"{counting.topic} has 4 partitions where 5 are set" in worker.log.read_text()
