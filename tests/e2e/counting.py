"""The counting role on a real broker: its topics, its input, its processes, and what must come out."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.admin import apply
from streams.settings import Settings, as_environment
from streams.topics import Topic, state_topic
from tests.e2e.counting_role import foretold
from tests.e2e.topic_reading import read_topic

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS = 200
SESSION_S = 2.0
NONE: Mapping[int, int] = {}


class Worker:
    """One process of the role, and what it has logged."""

    def __init__(self, number: int, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.number = number
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)

    def said(self, event: str) -> list[dict[str, Any]]:
        """Its log entries of that name."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self, timeout_s: float = 30) -> int:
        """Its exit code. A code that is not expected shows the log."""
        return self.process.wait(timeout_s)


@dataclass
class Counting:
    """One run: topics of its own, so that runs on one broker do not meet."""

    bootstrap: str
    folder: Path
    partitions: int = 4
    more: dict[str, Any] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = f"counting-{uuid.uuid4().hex[:8]}"
        self.topic, self.output = f"{self.name}.v1", f"{self.name}.out"
        self.state = state_topic(self.name, self.topic)
        plain = [Topic(name, self.partitions, None if name == self.state else _DAY) for name in
                 (self.topic, self.output, self.state)]  # fmt: skip
        apply(self.bootstrap, plain)

    @property
    def settings(self) -> Settings:
        fields = {"kafka": self.bootstrap, "partitions": self.partitions, "session_timeout_s": SESSION_S} | self.more
        return Settings.model_validate(fields)

    def start(self) -> Worker:
        environment = {**os.environ, **as_environment(self.settings), "PYTHONPATH": str(ROOT)}
        script = str(ROOT / "tests" / "e2e" / "counting_role.py")
        command = [sys.executable, script, self.name, self.topic, self.output]
        log = self.folder / f"{self.name}-{len(self.workers)}.log"
        self.workers.append(Worker(len(self.workers), command, environment, log))
        return self.workers[-1]

    def stop(self) -> None:
        """End what is left, by the processes this run started."""
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.send(signal.SIGKILL)
                worker.process.wait(10)

    def produce(self, count: int, *, rate: float = 0.0, seed: int = 1) -> None:
        """`count` events; `rate` per second, 0: at once."""
        asyncio.run(self._produce(count, rate, random.Random(seed)))

    async def _produce(self, count: int, rate: float, chance: random.Random) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True, linger_ms=5)
        await producer.start()
        began = time.monotonic()
        try:
            for number in range(count):
                customer = chance.randrange(CUSTOMERS)
                value = json.dumps({"customer": f"c{customer}", "v": chance.random()}).encode()
                await producer.send(self.topic, value, partition=customer % self.partitions)
                if rate and (ahead := number / rate - (time.monotonic() - began)) > 0.02:
                    await asyncio.sleep(ahead)
        finally:
            await producer.stop()

    def produce_raw(self, values: Sequence[bytes], partition: int, *, commit: bool = True) -> None:
        """These values in one transaction."""
        asyncio.run(self._produce_raw(values, partition, commit))

    async def _produce_raw(self, values: Sequence[bytes], partition: int, commit: bool) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=uuid.uuid4().hex)
        await producer.start()
        try:
            await producer.begin_transaction()
            for value in values:
                await producer.send_and_wait(self.topic, value, partition=partition)
            await (producer.commit_transaction() if commit else producer.abort_transaction())
        finally:
            await producer.stop()

    def outputs(self) -> list[list[bytes]]:
        """By partition, as a committed reader sees them."""
        return [[value for _, _, value in part] for part in read_topic(self.bootstrap, self.output, self.partitions)]

    def written(self) -> int:
        """How many outputs there are."""
        return sum(map(len, self.outputs()))

    def expected(self, but_last: Mapping[int, int] = NONE) -> list[tuple[list[bytes], dict[bytes, bytes]]]:
        """By partition: outputs in order, and the last state of each key; `but_last` leaves so many records out."""
        source = read_topic(self.bootstrap, self.topic, self.partitions)
        kept = [part[: len(part) - but_last.get(number, 0)] for number, part in enumerate(source)]
        return [foretold(value for _, _, value in part) for part in kept]

    def check(self) -> int:
        """Outputs, states and markers are exactly those of one undisturbed run. Returns the number of outputs."""
        expected = self.expected()
        outputs = self.outputs()
        states = read_topic(self.bootstrap, self.state, self.partitions)
        source = read_topic(self.bootstrap, self.topic, self.partitions)
        for number, (wanted, last) in enumerate(expected):
            assert outputs[number] == wanted
            found = {key: value for _, key, value in states[number]}
            marker = json.loads(found.pop(b"\x00marker"))
            assert found == last
            assert states[number][-1][1] == b"\x00marker"
            assert marker["next"] == source[number][-1][0] + 1
            assert (marker["records"], marker["outputs"]) == (len(source[number]), len(wanted))
        return sum(len(wanted) for wanted, _ in expected)

    def complete(self) -> bool:
        """Whether as many outputs are there as the input makes."""
        return self.written() >= sum(len(wanted) for wanted, _ in self.expected())


_DAY = timedelta(days=1)
