"""Runs a role of the engine and measures it from outside the engine: from the first record to the last commit."""

import asyncio
import time
from collections.abc import Sequence

from bench.speed.job import Job, Told, tell
from streams.run import run_role
from streams.settings import Settings
from streams.step import Progress, Record, Role, Step, Writes


class Watch:
    """What all partitions of a run have done."""

    def __init__(self, job: Job, settings: Settings) -> None:
        self.began: float | None = None
        self._job, self._settings = job, settings
        self._records = self._outputs = 0
        self._saved: set[int] = set()

    def took(self, records: int) -> None:
        """So many records are about to be taken in."""
        self.began = self.began or time.perf_counter()
        self._records += records

    def drained(self, partition: int, outputs: int, *, last: bool) -> None:
        """A checkpoint begins. It ends with the task it runs in; nobody but the engine knows of its transaction."""
        self._outputs += outputs
        task = asyncio.current_task()
        if last and partition not in self._saved and task is not None:
            task.add_done_callback(lambda _: self._committed(partition))

    def _committed(self, partition: int) -> None:
        ended = time.perf_counter()
        self._saved.add(partition)
        if len(self._saved) < len(self._job.ends) or self.began is None:
            return
        checkpoint = f"{self._settings.checkpoint_s:g} s, behind 1 s"
        tell(Told(
            records=self._records, outputs=self._outputs, seconds=ended - self.began, cpu_s=time.process_time(),
            settings={"checkpoint": checkpoint, "transactions": "yes", "isolation": "read_committed"},
        ))  # fmt: skip


class TimedStep:
    """A step that tells `watch` of what goes through it."""

    def __init__(self, step: Step, partition: int, end: int, watch: Watch) -> None:
        self._step, self._partition, self._end, self._watch = step, partition, end, watch
        self._next = 0

    def load(self, key: bytes, value: bytes) -> None:
        """Pass it on."""
        self._step.load(key, value)

    def apply(self, records: Sequence[Record]) -> None:
        """Pass it on."""
        self._watch.took(len(records))
        self._step.apply(records)
        self._next = records[-1].offset + 1

    def drain(self, progress: Progress) -> Writes:
        """Pass it on."""
        writes = self._step.drain(progress)
        self._watch.drained(self._partition, len(writes.outputs), last=self._next >= self._end)
        return writes


def run_timed(role: Role, job: Job) -> None:
    """Run `role` until it has written all of `job`, then end the process."""
    settings = Settings(kafka=job.kafka, partitions=len(job.ends))
    watch = Watch(job, settings)

    def step(topic: str, partition: int) -> TimedStep:
        return TimedStep(role.step(topic, partition), partition, job.ends[partition], watch)

    run_role(Role(role.name, role.inputs, step, outputs=role.outputs), settings)
