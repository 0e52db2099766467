"""Sends the traffic at a steady rate, and notes when each trouble's cause was due at the producer."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from bench.latency_load import REFUSALS, Calm, attempt, troubled
from models.events.base import Event
from models.events.catalogue import encode
from models.partitions import partition_of
from streams.connection import client_options
from streams.sending import MAX_BATCH_BYTES, lanes_of, send_lanes
from streams.settings import Settings
from streams.step import Output

SLICE_S = 0.01
BETWEEN_TRIES_S = 0.5


def real_now() -> datetime:
    """The time of an event that happens now."""
    return datetime.now(UTC)


class Traffic:
    """`rate` events/s in all, among them `troubles` customers, `troubles_per_s` of them, each with three refusals."""

    def __init__(self, rate: float, troubles: int, troubles_per_s: float) -> None:
        self._rate = rate
        self._calm = iter(Calm(real_now))
        tries = [
            (number / troubles_per_s + turn * BETWEEN_TRIES_S, number, turn)
            for number in range(troubles)
            for turn in range(REFUSALS)
        ]
        self._tries = sorted(tries)
        self._sent = 0
        self.caused: dict[str, float] = {}
        """Customer -> Unix seconds at which the cause was due."""

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self._tries[-1][0]

    def due(self, began_unix: float, elapsed_s: float) -> Iterator[Event]:
        """The events of the next slice: everything due by `elapsed_s` that was not due before."""
        while self._tries and self._tries[0][0] <= elapsed_s:
            at, number, turn = self._tries.pop(0)
            customer = troubled(number)
            if turn == REFUSALS - 1:
                self.caused[customer] = began_unix + at
            self._sent += 1
            yield attempt(customer, real_now(), turn, succeeded=False)
        while self._sent < elapsed_s * self._rate:
            self._sent += 1
            yield next(self._calm)

    @property
    def sent(self) -> int:
        """Events so far."""
        return self._sent


def record_of(event: Event, partitions: int) -> Output:
    """As a producer of a source topic sends it."""
    return event.topic, partition_of(event.subject, partitions), event.subject.encode(), encode(event), ()


async def send(settings: Settings, events: Iterable[Event]) -> None:
    """Send all at once."""
    async with _producer(settings) as producer:
        await send_lanes(producer, lanes_of(record_of(event, settings.partitions) for event in events))


async def send_paced(settings: Settings, traffic: Traffic) -> float:
    """Send the traffic; returns the rate that was reached, events/s.

    A slice that is late goes out with the next one; its events were due earlier, and that is what counts.
    """
    seconds = traffic.seconds
    async with _producer(settings) as producer, asyncio.TaskGroup() as sending:
        began_unix, began = time.time(), time.perf_counter()
        elapsed_s = 0.0
        while elapsed_s < seconds:
            await asyncio.sleep(SLICE_S)
            elapsed_s = time.perf_counter() - began
            lanes = lanes_of(record_of(event, settings.partitions) for event in traffic.due(began_unix, elapsed_s))
            sending.create_task(send_lanes(producer, lanes))
    return traffic.sent / elapsed_s


def _producer(settings: Settings) -> AIOKafkaProducer:
    return AIOKafkaProducer(**client_options(settings), enable_idempotence=True, max_batch_size=MAX_BATCH_BYTES)
