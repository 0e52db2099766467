"""A thousand mended records are replayed by a command that is killed half-way: each is processed once."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from beforehand.stack import Stack
from desk.sources.shop import Shop
from models.dead_letters import Reason
from models.events.catalogue import decode, encode
from streams.settings import Settings
from tests.e2e.commands import started, typed
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.topic_reading import flat, read_topic, records_of

COUNT = 1000
HOPELESS = b"nobody knows what this was"
SOURCES = ("orders.v1", "telemetry.v1", "care.v1")


def broken(number: int, good: bytes) -> bytes:
    """Broken in one of four ways, so that only the good bytes will do."""
    return [
        good.replace(b'"specversion":"1.0"', b'"specversion":"0.3"'),
        good.replace(b'"subject"', b'"subjct"'),
        good + b"}",
        good.replace(b'"type":"', b'"type":"x'),
    ][number % 4]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    settings = Settings(kafka="", partitions=PARTITIONS, run_dir=tmp_path / "run", session_timeout_s=3.0)
    with Stack(settings, {"ingest": ["ingest"]}) as stack:
        yield stack


async def send(kafka: str, raws: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        sent = [
            await producer.send(
                SOURCES[number % 3], raw, key=b"k%d" % number, partition=number % PARTITIONS, headers=[("n", b"1")]
            )
            for number, raw in enumerate(raws)
        ]
        await asyncio.gather(*sent)


def test_a_thousand_mended_records_are_each_processed_once_though_the_replay_is_killed(
    stack: Stack, tmp_path: Path
) -> None:
    kafka = stack.settings.kafka
    shop = Shop(customers=250, seed=5, start=datetime.fromisoformat("2013-01-10T00:00Z"), duration=timedelta(days=3))
    good = [encode(event) for event in islice(shop.events(), COUNT + 300)]
    mended, untouched = good[:COUNT], good[COUNT:]
    bad = [broken(number, raw) for number, raw in enumerate(mended)]
    of = dict(zip(bad, mended, strict=True))
    assert len(of) == COUNT

    def beforehand(*words: str) -> str:
        found = typed(["dead-letters", *words], tmp_path, kafka=kafka, partitions=str(PARTITIONS))
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout

    def letters() -> list[bytes]:
        return flat(read_topic(kafka, "dead-letters.v1", PARTITIONS))

    def handled() -> list[bytes | None]:
        return [key for part in read_topic(kafka, "dead-letters.v1.handled", PARTITIONS) for _, key, _ in part]

    def journaled() -> Counter[bytes]:
        raws = flat(read_topic(kafka, "journal.v1", PARTITIONS))
        return Counter(raw for raw in raws if not decode(raw).internal)

    asyncio.run(send(kafka, [*bad, HOPELESS, *untouched]))
    eventually(lambda: len(letters()) >= COUNT + 1, 60, "all bad ones are set aside")
    assert Counter(letters()) == Counter([*bad, HOPELESS])

    folder = tmp_path / "mend"
    beforehand("show", "--since", "1h", "--raw", str(folder))
    for file in sorted(folder.iterdir()):
        raw = file.read_bytes()
        if raw == HOPELESS:
            file.unlink()
        else:
            file.write_bytes(of[raw])
    assert len(list(folder.iterdir())) == COUNT

    words = ["dead-letters", "replay", "--repaired", str(folder), "--rate", "150"]
    running = started(words, tmp_path, kafka=kafka, partitions=str(PARTITIONS))
    try:
        eventually(lambda: len(handled()) >= COUNT // 3, 60, "a third is replayed")
        assert running.poll() is None
        os.kill(running.pid, signal.SIGKILL)
    finally:
        running.kill()
        running.communicate()
    assert COUNT // 3 <= len(handled()) < COUNT

    second = beforehand("replay", "--repaired", str(folder), "--rate", "1000")
    third = beforehand("replay", "--repaired", str(folder))
    assert third == "0 replayed\n"
    assert f"{COUNT} replayed" not in second
    names = handled()
    assert len(names) == len(set(names)) == COUNT

    eventually(lambda: journaled().total() >= len(good), 60, "all are in the journal")
    assert journaled() == Counter(good)
    replayed = [
        one
        for topic in SOURCES
        for part in records_of(kafka, topic, PARTITIONS)
        for one in part
        if one.value in of.values()
    ]
    assert len(replayed) == COUNT
    keys = {of[raw]: (SOURCES[n % 3], n % PARTITIONS, b"k%d" % n) for n, raw in enumerate(bad)}
    assert all((one.topic, one.partition, one.key) == keys[one.value] for one in replayed)
    assert all(one.headers == (("n", b"1"),) for one in replayed)

    assert beforehand("list").count(Reason.NOT_JSON) == 2  # one row, and its count
    assert "1 dropped" in beforehand("drop", "--reason", "not_json")
    eventually(lambda: "nothing waits" in beforehand("list"), 20, "the note is seen")
    assert len(letters()) == COUNT + 1
    assert stack.supervisor.restarts() == {"ingest": 0}
