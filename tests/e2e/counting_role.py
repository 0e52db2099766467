"""A role small enough to foretell: counts and averages per customer, and writes every tenth. Run as a process."""

import json
import logging
import sys
from collections.abc import Iterable, Sequence

import structlog

from streams.run import run_role
from streams.settings import Settings
from streams.step import Headers, Output, Progress, Record, Role, Writes


class CountingStep:
    """State: [count, mean] per customer. The order of the records decides the mean's last bits."""

    def __init__(self, output: str, partition: int) -> None:
        self._place = (output, partition)
        self._raw: dict[bytes, bytes] = {}
        self._counts: dict[bytes, tuple[int, float]] = {}
        self._touched: set[bytes] = set()
        self._outputs: list[tuple[bytes, bytes]] = []

    def load(self, key: bytes, value: bytes) -> None:
        self._raw[key] = value

    def apply(self, records: Sequence[Record]) -> None:
        for record in records:
            self.take(record.value or b"")

    def take(self, raw: bytes) -> None:
        event = json.loads(raw)
        key = event["customer"].encode()
        count, mean = self._counts.get(key) or json.loads(self._raw.pop(key, b"[0, 0.0]"))
        count += 1
        mean += (event["v"] - mean) / count
        self._counts[key] = (count, mean)
        self._touched.add(key)
        if count % 10 == 0:
            self._outputs.append((key, json.dumps([key.decode(), count, mean]).encode()))

    def drain(self, _progress: Progress, /) -> Writes:
        none: Headers = ()
        states = [(key, json.dumps(self._counts[key]).encode()) for key in self._touched]
        outputs: list[Output] = [(*self._place, key, value, none) for key, value in self._outputs]
        self._touched, self._outputs = set(), []
        return Writes(outputs, list(states))


def foretold(values: Iterable[bytes]) -> tuple[list[bytes], dict[bytes, bytes]]:
    """Outputs and states of a partition that held these values, without Kafka."""
    step = CountingStep("", 0)
    for value in values:
        step.take(value)
    writes = step.drain(Progress())
    return [value or b"" for _, _, _, value, _ in writes.outputs], {key: value or b"" for key, value in writes.states}


def role(name: str, topic: str, output: str) -> Role:
    return Role(name, (topic,), lambda _, partition: CountingStep(output, partition), outputs=(output,))


def main(name: str, topic: str, output: str) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
    )
    run_role(role(name, topic, output), Settings())


if __name__ == "__main__":
    main(*sys.argv[1:])
