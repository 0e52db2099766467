"""Two thousand bad inputs between good ones: each is set aside as it came, with its reason; the good ones pass."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from beforehand.stack import Stack
from desk.sources.shop import Shop
from models.dead_letters import HEADER_REASON, HEADER_TOPIC, Reason
from models.events.catalogue import decode, encode
from streams.clock import set_clock
from streams.connection import client_options
from streams.settings import Settings
from tests.bad_inputs import NOW, bad_inputs
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.topic_reading import flat, read_topic, records_of

COUNT = 2000


def _interleaved() -> tuple[list[tuple[Reason, bytes]], list[bytes]]:
    bad = list(bad_inputs(seed=11, count=COUNT))
    shop = Shop(customers=250, seed=2, start=datetime.fromisoformat("2013-01-10T00:00Z"), duration=timedelta(days=3))
    return bad, [encode(event) for event in shop.events()][:COUNT]


async def _send(settings: Settings, bad: list[tuple[Reason, bytes]], good: list[bytes]) -> None:
    from aiokafka import AIOKafkaProducer

    producer = AIOKafkaProducer(**client_options(settings), enable_idempotence=True, max_request_size=1_000_000)
    await producer.start()
    try:
        sent = []
        for number, (_, raw) in enumerate(bad):
            topic = ("orders.v1", "telemetry.v1", "care.v1")[number % 3]
            sent.append(await producer.send(topic, raw, key=b"k", partition=number % PARTITIONS))
            if number < len(good):
                sent.append(await producer.send("orders.v1", good[number], partition=number % PARTITIONS))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def test_each_bad_input_is_set_aside_with_its_reason_and_its_bytes_and_its_neighbours_pass(tmp_path: Path) -> None:
    bad, good = _interleaved()
    set_clock(tmp_path / "clock.json", NOW, rate=0.0)
    settings = Settings(kafka="", partitions=PARTITIONS, run_dir=tmp_path, clock_file=tmp_path / "clock.json")
    with Stack(settings, {"ingest": ["ingest"], "detect": ["detect"]}) as stack:
        kafka = stack.settings.kafka
        asyncio.run(_send(stack.settings, bad, good))

        def letters() -> list[tuple[str, bytes]]:
            records = [one for part in records_of(kafka, "dead-letters.v1", PARTITIONS) for one in part]
            assert all(
                dict(one.headers)[HEADER_TOPIC] in (b"orders.v1", b"telemetry.v1", b"care.v1") for one in records
            )
            return [(dict(one.headers)[HEADER_REASON].decode(), one.value) for one in records]

        eventually(lambda: len(letters()) >= COUNT, 120, "all bad inputs are set aside")
        wanted = Counter((reason.value, raw) for reason, raw in bad)
        assert Counter(letters()) == wanted
        assert min(Counter(reason for reason, _ in bad).values()) >= 20

        def journaled() -> Counter[bytes]:
            raws = flat(read_topic(kafka, "journal.v1", PARTITIONS))
            return Counter(raw for raw in raws if not decode(raw).internal)

        eventually(lambda: journaled() == Counter(good), 60, "the good ones are in the journal, once")
        assert stack.supervisor.restarts() == {"ingest": 0, "detect": 0}
