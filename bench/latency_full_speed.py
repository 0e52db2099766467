"""Full speed on this machine: of the roles that read every event, what the slowest takes when it runs alone."""

import itertools
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.latency_feed import record_of
from bench.latency_load import Calm
from bench.speed import topics
from bench.speed.plan import Contender
from bench.speed.rounds import Runner
from deploy.kafka.broker import Broker
from streams.topics import JOURNAL, OBSERVATIONS, table

CHAIN = (("ingest", "shop"), ("detect", JOURNAL), ("context", OBSERVATIONS))
"""Each role reads what the one before it wrote."""


def full_speed(events: int) -> dict[str, float]:
    """Role -> events of the source per second, each role alone with a backlog of the same traffic."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-latency-") as name, Broker(Path(name) / "kafka") as broker:
        kafka, folder = broker.bootstrap, Path(name) / "runs"
        topics.make_all(kafka, table(topics.PARTITIONS))
        topics.make(kafka, ["shop"])
        topics.fill(kafka, "shop", _records(events))
        for role, topic in CHAIN:
            contender = Contender(name=role, words=role, module="role", source=topic, work=(role,), engine=True)
            told = Runner(kafka, folder).run_role(contender, topics.look(kafka, topic), 0)
            found[role] = events / told.seconds
    return found


def _records(events: int) -> Iterator[topics.KeyValue]:
    started = datetime.now(UTC)
    for event in itertools.islice(Calm(lambda: started), events):
        _, partition, key, value, _ = record_of(event, topics.PARTITIONS)
        yield partition, key or b"", value or b""
