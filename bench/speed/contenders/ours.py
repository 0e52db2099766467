"""Ours: the engine as every role uses it, with the toy work as its step. State and outputs in transactions."""

from collections.abc import Sequence

import msgspec

from bench.speed.contenders.timing import run_timed
from bench.speed.job import Job, job_of_this_process
from bench.speed.toy import DECODE_MANY, ENCODE, Output, Seen
from streams.step import Output as Record_
from streams.step import Progress, Record, Role, Writes

_DECODE_SEEN = msgspec.json.Decoder(Seen).decode


class ToyStep:
    """The toy work on one partition."""

    def __init__(self, sink: str, partition: int) -> None:
        self._sink, self._partition = sink, partition
        self._raw: dict[str, bytes] = {}
        self._seen: dict[str, Seen] = {}
        self._touched: set[str] = set()
        self._outputs: list[Record_] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Keep a state as it is until it is needed."""
        self._raw[key.decode()] = value

    def apply(self, records: Sequence[Record]) -> None:
        """Decode all at once, then one by one."""
        seen_by, touched = self._seen, self._touched
        for event in DECODE_MANY(b"[" + b",".join([record.value for record in records]) + b"]"):  # type: ignore[misc]
            customer = event.customer
            seen = seen_by.get(customer)
            if seen is None:
                seen = seen_by[customer] = self._restored(customer)
            touched.add(customer)
            if seen.add(event.value):
                output = ENCODE(Output(customer, seen.count, seen.mean))
                self._outputs.append((self._sink, self._partition, customer.encode(), output, ()))

    def drain(self, progress: Progress) -> Writes:  # noqa: ARG002 - the port's
        """The outputs, and the customers touched."""
        outputs, self._outputs = self._outputs, []
        touched, self._touched = self._touched, set()
        seen_by = self._seen
        return Writes(outputs, [(customer.encode(), ENCODE(seen_by[customer])) for customer in touched])

    def _restored(self, customer: str) -> Seen:
        raw = self._raw.pop(customer, None)
        return Seen() if raw is None else _DECODE_SEEN(raw)


def main(job: Job) -> None:
    """Run the role."""
    run_timed(Role(job.name, (job.source,), lambda _, partition: ToyStep(job.sink, partition)), job)


if __name__ == "__main__":
    main(job_of_this_process())
