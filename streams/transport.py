"""Faust's transport, with one difference: a fetch of a partition is one message, which carries all its records.

Faust spends two tasks and several locks on each message (about 200 microseconds); on a batch that is nothing.
"""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, cast

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport import base
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.connection import client_options
from streams.settings import Settings
from streams.watermarks import Poll

FETCH_BYTES = 4 << 20
"""Of one partition at once: with aiokafka's 1 MiB a worker that is behind waits for fetches a third of the time."""

POLL_S = 0.25
"""How long a fetch may wait for data: also how old the newest knowledge of 'nothing is unread' gets when idle."""


class Reading(Protocol):
    """Who knows where to go on, and wants to know how far the reading is."""

    def starts(self) -> Mapping[TP, int]:
        """The next offset of every partition that is open."""

    def looked(self, place: TP, poll: Poll, delivered: int) -> None:
        """How far the partition went, when everything before the offset `delivered` had been handed out."""


class ReadingApp(Protocol):
    """What our consumer expects of its app besides Faust's."""

    settings: Settings
    reading: Reading


class BatchMessage(ConsumerMessage):
    """A batch; `offset` is its last record's, `value` the list of records."""


class Thread(driver.AIOKafkaConsumerThread):
    """Reads committed records only, and notes at every fetch how far the partition goes."""

    polls: Mapping[TP, Poll] = {}

    def _create_worker_consumer(self, transport: Any) -> Any:  # noqa: ARG002 - Faust's call
        settings = cast(ReadingApp, self.app).settings
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            **client_options(settings),
            group_id=self.app.conf.id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",  # Faust's own would act on what was aborted
            fetch_max_wait_ms=int(POLL_S * 1000),
            max_partition_fetch_bytes=FETCH_BYTES,
            max_poll_interval_ms=300_000,
            request_timeout_ms=40_000,
            session_timeout_ms=int(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=int(settings.session_timeout_s * 1000 / 6),
            rebalance_timeout_ms=30_000,
        )

    async def _fetch_records(
        self, consumer: Any, active_partitions: set[TP], timeout: float | None = None, max_records: int | None = None
    ) -> Any:
        records = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        # no await from here on: position and records belong together
        self.polls = {TP(*place): poll for place in consumer.assignment() if (poll := _poll_of(consumer, place))}
        return records


def _poll_of(consumer: Any, place: Any) -> Poll | None:
    assignment = consumer._subscription.subscription.assignment
    state = assignment.state_value(place) if assignment else None
    if state is None or not state.has_valid_position or state.highwater is None:
        return None
    return Poll(position=state.position, end=state.highwater, answered_at=state.timestamp / 1000)


class Consumer(driver.Consumer):
    """Delivers batches. Starts at the checkpoint's marker, never at the group's offset, which only shows the lag."""

    _thread: Thread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._inflight: defaultdict[TP, deque[int]] = defaultdict(deque)
        self._next: dict[TP, int] = {}
        self._seeks = 0
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    @property
    def _reading(self) -> Reading:
        return cast(ReadingApp, self.app).reading

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, BatchMessage]]:  # noqa: ARG002 - Faust's call
        """One fetch, as one message per partition."""
        seeks = self._seeks
        fetched, active = await self._wait_next_records(POLL_S)
        if fetched is None or self.should_stop:
            return
        polls = self._thread.polls
        for place, records in fetched.items():
            # A fetch that spans a seek or a stop moved the client's position although nothing of it is delivered.
            if seeks != self._seeks or not self.flow_active or not self._is_on(place, active):
                await self._put_back(place)
                polls = {}
            elif message := self._batch(place, records):
                yield place, message
        if seeks == self._seeks:
            for place, poll in polls.items():
                if place in self._next:
                    self._reading.looked(place, poll, self._next[place])

    def _is_on(self, place: TP, active: set[TP] | None) -> bool:
        return active is None or place in active or place in self._buffered_partitions

    async def _put_back(self, place: TP) -> None:
        if self.flow_active and place in self._next and place in self.assignment():
            await self._thread.seek_wait({place: self._next[place]})

    def _batch(self, place: TP, records: list[Any]) -> BatchMessage | None:
        start = self._next.get(place, 0)
        if records[0].offset < start:
            records = [record for record in records if record.offset >= start]
        if not records:
            return None
        last = records[-1]
        # `value` is declared as bytes; ours is the list that RawBatch hands on
        self._inflight[place].append(last.offset)
        self._next[place] = last.offset + 1
        return BatchMessage(
            place.topic, place.partition, last.offset, last.timestamp / 1000, last.timestamp_type, None, None,
            cast(Any, records), None, 0, 0, place, generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Holes in the offsets lie inside batches: nothing to note."""

    def _new_offset(self, tp: TP) -> int | None:
        """The group's offset: the end of the leading batches that are all acknowledged."""
        inflight, acked, newest = self._inflight[tp], self._acked_index[tp], None
        while inflight and inflight[0] in acked:
            newest = inflight.popleft()
            acked.discard(newest)
        self._acked[tp][:] = [offset for offset in self._acked[tp] if offset in acked]
        return None if newest is None else newest + 1

    async def perform_seek(self) -> None:
        """Faust calls this after a rebalance, when the partitions are open and before it fetches again."""
        self._seeks += 1
        self._inflight.clear()
        starts = {place: next_ for place, next_ in self._reading.starts().items() if place in self.assignment()}
        self._next = dict(starts)
        # seek_wait() goes through the thread's own queue; seek() would touch the thread's loop from outside
        await self._thread.seek_wait(starts)
        self._seeks += 1


class NoProducer(base.Producer):
    """Sends nothing: every record goes through a partition's own transaction."""


class Transport(driver.Transport):
    """Our consumer; no producer."""

    Consumer = Consumer
    Producer = NoProducer
