"""Learning on a real broker: killed again and again, its snapshots are those of the examples log alone."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from beforehand.stack import Stack
from desk.replay import played
from desk.sources.feed import Sent, feed
from detectors.learning.partition import LearnPartition
from models.events.base import Event
from models.events.catalogue import decode, encode
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.feed_progressed import FeedProgressed
from models.events.model_updated import ModelUpdated
from models.events.tick import Tick, TickData
from models.issues import decode_issue
from models.partitions import partition_of
from streams import admin
from streams.settings import Settings
from tests.e2e.house import eventually
from tests.e2e.topic_reading import read_topic
from tests.taught import LESSON, CallsAgain, calls

ROOT = Path(__file__).resolve().parents[2]
PARTITIONS = 2
PIECES = 3


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    script = str(ROOT / "tests" / "e2e" / "taught_roles.py")
    others = {name: [sys.executable, script, name] for name in ("detect", "learn")}
    settings = Settings(kafka="", partitions=PARTITIONS, run_dir=tmp_path, session_timeout_s=3.0)
    with Stack(settings, {}, others) as running:
        yield running


def test_what_is_learned_while_everything_is_killed_is_what_the_examples_say(stack: Stack) -> None:
    sent = list(feed(calls(700), PARTITIONS, timedelta(hours=2), ("care.v1",), timedelta(days=3)))
    size = -(-len(sent) // PIECES)
    for number in range(PIECES):
        asyncio.run(_append(stack.settings.kafka, sent[number * size : (number + 1) * size]))
        _kill(stack, "learn")  # while it reads this piece, or fits
        if number == 1:
            _kill(stack, "detect")
        _until_quiet(stack)
    told = _expected(stack)
    eventually(lambda: len(_models(stack, 0)) >= len(told), 120, "all models are there")
    assert _models(stack, 0) == _models(stack, 1) == told
    assert len(told) > 12
    assert any('"trees"' in one.data.body for one in told)
    for partition, part in enumerate(read_topic(stack.settings.kafka, "journal.v1", PARTITIONS)):
        records = [(offset, raw) for offset, _, raw in part]
        again = played(records, partition, [CallsAgain(CallsAgain.params_type())])
        replayed = [issue for outputs in again for issue in outputs.issues]
        live = read_topic(stack.settings.kafka, "issues.v1", PARTITIONS)[partition]
        assert [decode_issue(raw) for _, _, raw in live] == replayed
        assert len(replayed) > 5


def _kill(stack: Stack, name: str) -> None:
    pid = stack.supervisor.pids().get(name)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def _models(stack: Stack, partition: int) -> list[ModelUpdated]:
    part = read_topic(stack.settings.kafka, "journal.v1", PARTITIONS)[partition]
    events = [decode(raw) for _, _, raw in part if b"model.updated" in raw]
    return [event for event in events if isinstance(event, ModelUpdated)]


def _expected(stack: Stack) -> list[ModelUpdated]:
    """What the examples that are there by now make of the lesson, without a broker."""
    partition = LearnPartition([LESSON])
    for offset, _, raw in read_topic(stack.settings.kafka, "examples.v1", 1)[0]:
        event = decode(raw)
        assert isinstance(event, ExampleFrozen | ExampleLabelled)
        partition.apply(event, offset)
    return partition.updates()


def _until_quiet(stack: Stack) -> None:
    """Until detection has read the journal, so that its examples are all there, and what they teach is told."""
    kafka, seen = stack.settings.kafka, [-1]

    def quiet() -> bool:
        behind = sum(admin.lag(kafka, admin.group_of("detect"), ("journal.v1",)).values())
        told = len(_models(stack, 0))
        still = told == seen[0] and behind <= 2 * PARTITIONS  # ends of transactions
        seen[0] = told
        return still and told == len(_expected(stack))

    eventually(quiet, 180, "all is read, and all is told")


async def _append(kafka: str, sent: list[Sent]) -> None:
    """As ingest would: a customer's events to the partition that holds the customer, ticks to all."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        for topic, number, event in sent:
            if isinstance(event, FeedProgressed):
                data = TickData(source_topic=topic, source_partition=number, source_partitions=PARTITIONS)
                tick: Event = Tick(id="tick", source="ingest", subject="tick", time=event.time, data=data)
                for partition in range(PARTITIONS):
                    await producer.send("journal.v1", encode(tick), partition=partition)
            else:
                place = partition_of(event.subject, PARTITIONS)
                await producer.send("journal.v1", encode(event), event.subject.encode(), partition=place)
        await producer.flush()
