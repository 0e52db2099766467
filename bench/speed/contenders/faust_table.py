"""Stock Faust with a Table, as its documentation shows: records one by one, each change of the table to the changelog.

Run by Faust's own worker command, with its defaults; only its web server is left out, in its favour.
"""

import asyncio
import sys
import time
from typing import Any

import faust

from bench.speed.job import Job, Told, job_of_this_process, tell
from bench.speed.toy import EVERY


class Toy(faust.Record):
    """The event, as Faust's documentation declares one."""

    id: str
    customer: str
    at: float
    value: float
    currency: str
    status: str
    provider: str
    latency_ms: int
    retries: int
    channel: str
    country: str
    items: int


class Found(faust.Record):
    """An output."""

    customer: str
    count: int
    mean: float


def app_of(job: Job) -> faust.App:
    """The app, complete."""
    app = faust.App(
        job.name, broker=f"kafka://{job.kafka}", store="memory://", topic_partitions=len(job.ends),
        consumer_auto_offset_reset="earliest", datadir=job.folder,
    )  # fmt: skip
    source, sink = app.topic(job.source, value_type=Toy), app.topic(job.sink, value_type=Found)
    table = app.Table(f"{job.name}-seen", partitions=len(job.ends), default=lambda: (0, 0.0))
    progress = _Progress(app, job)

    @app.agent(source)
    async def count(events: Any) -> None:
        async for event in events:
            progress.takes()
            count, mean = table[event.customer]
            count += 1
            mean += (event.value - mean) / count
            table[event.customer] = (count, mean)
            if count % EVERY == 0:
                progress.outputs += 1
                await sink.send(key=event.customer, value=Found(event.customer, count, mean))
            await progress.took()

    return app


class _Progress:
    """Counts, and ends the process when all is written and committed."""

    def __init__(self, app: faust.App, job: Job) -> None:
        self._app, self._job = app, job
        self.records = self.outputs = 0
        self._began = 0.0

    def takes(self) -> None:
        """An event is there."""
        self._began = self._began or time.perf_counter()

    async def took(self) -> None:
        """An event is done."""
        self.records += 1
        if self.records == self._job.records:
            self._app.add_future(self._finish())

    async def _finish(self) -> None:
        app = self._app
        while app.producer.buffer.size:
            await app.producer.buffer.flush()
        await app.producer.flush()
        await app.consumer.commit()
        seconds = time.perf_counter() - self._began
        await asyncio.sleep(0.1)  # one record may be between Faust's buffer and its producer: it is to be counted
        await app.producer.flush()
        tell(Told(
            records=self.records, outputs=self.outputs, seconds=seconds, cpu_s=time.process_time(),
            settings={"table": "memory and changelog (default)", "processing_guarantee": "at_least_once (default)",
                      "commit": f"{app.conf.broker_commit_interval:g} s (default)", "worker": "-l warn (default)"},
        ))  # fmt: skip


if __name__ == "__main__":
    found = app_of(job_of_this_process())
    sys.argv[1:] = ["worker", "-l", "warn", "--without-web"]
    found.main()
