"""The strong peer: a bare aiokafka loop with a dict. Outputs are written and awaited; nothing of its state is.

It gets what makes ours fast as well: a whole fetch is decoded at once, outputs go out as whole batches, and garbage is
collected rarely. Once a second it waits for its outputs and commits its offsets.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.speed.contenders.counting import COUNTERS, KeyValue
from bench.speed.job import Job, Told, job_of_this_process, tell
from models.collecting import collect_rarely

COMMIT_S = 1.0
BATCH_BYTES = 900_000


class Loop:
    """One run."""

    def __init__(self, job: Job, work: str, consumer: Any, producer: Any) -> None:
        self._job, self._counter = job, COUNTERS[work]()
        self._consumer, self._producer = consumer, producer
        self._under_way: list[Any] = []
        self._records = self._outputs = 0

    async def run(self) -> Told:
        """Read everything."""
        began = due = 0.0
        while self._records < self._job.records:
            fetched = await self._consumer.getmany(timeout_ms=250)
            began = began or (time.perf_counter() if fetched else 0.0)
            due = due or began + COMMIT_S
            for place, records in fetched.items():
                outputs = self._counter.take([record.value for record in records])
                self._records += len(records)
                await self._send(place.partition, outputs)
            if time.perf_counter() >= due:
                await self._commit()
                due = time.perf_counter() + COMMIT_S
        await self._commit()
        return Told(
            records=self._records, outputs=self._outputs, seconds=time.perf_counter() - began,
            cpu_s=time.process_time(),
            settings={"state": "dict, not written", "outputs": "batches, awaited", "commit": f"{COMMIT_S:g} s",
                      "gc": "as ours", "decoding": "whole fetches"},
        )  # fmt: skip

    async def _send(self, partition: int, outputs: Sequence[KeyValue]) -> None:
        self._outputs += len(outputs)
        batch = self._producer.create_batch()
        for key, value in outputs:
            if batch.append(key=key, value=value, timestamp=None) is None:
                await self._send_batch(batch, partition)
                batch = self._producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        if outputs:
            await self._send_batch(batch, partition)

    async def _send_batch(self, batch: Any, partition: int) -> None:
        self._under_way.append(await self._producer.send_batch(batch, self._job.sink, partition=partition))

    async def _commit(self) -> None:
        await asyncio.gather(*self._under_way)
        self._under_way.clear()
        await self._consumer.commit()


async def main(job: Job, work: str) -> None:
    """Connect, run, tell."""
    consumer = AIOKafkaConsumer(
        job.source, bootstrap_servers=job.kafka, group_id=job.name, auto_offset_reset="earliest",
        enable_auto_commit=False,
    )  # fmt: skip
    producer = AIOKafkaProducer(bootstrap_servers=job.kafka, max_batch_size=BATCH_BYTES)
    await consumer.start()
    await producer.start()
    collect_rarely()
    tell(await Loop(job, work, consumer, producer).run())


if __name__ == "__main__":
    asyncio.run(main(job_of_this_process(), sys.argv[2]))
