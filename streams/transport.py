"""Faust's transport, with one difference: a fetch of a partition is one message, which carries all its records.

Faust spends two tasks and several locks on each message (about 200 microseconds); on a batch that is nothing.
"""

from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, cast

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport import base
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.connection import client_options
from streams.ending import end_process
from streams.polls import poll_of, position_of
from streams.settings import Settings
from streams.watermarks import Poll

FETCH_BYTES = 4 << 20
"""Of one partition at once: with aiokafka's 1 MiB a worker that is behind waits for fetches a third of the time."""

POLL_S = 0.25
"""How long a fetch may wait for data: also how old the newest knowledge of 'nothing is unread' gets when idle."""

MOST_ASTRAY = 20
"""So many fetches in a row that do not begin where they should: then the process ends."""


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
    began: Mapping[TP, int] = {}
    """Where the client stood before the last fetch."""

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
        assigned = consumer.assignment()
        self.began = {TP(*place): at for place in assigned if (at := position_of(consumer, place)) is not None}
        records = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        # no await from here on: position and records belong together
        self.polls = {TP(*place): poll for place in consumer.assignment() if (poll := poll_of(consumer, place))}
        return records


class Consumer(driver.Consumer):
    """Delivers batches. Starts at the checkpoint's marker, never at the group's offset, which only shows the lag.

    A batch is delivered only when its fetch began where the one before it ended: whatever moved the client's position
    in between (a rebalance, a pause), nothing is left out.
    """

    _thread: Thread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._inflight: defaultdict[TP, deque[int]] = defaultdict(deque)
        self._next: dict[TP, int] = {}
        self._after: dict[TP, int] = {}  # the client's position after what was delivered: beyond holes, too
        self._seeks = 0
        self._astray: Counter[TP] = Counter()
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
        polls, began = self._thread.polls, self._thread.began
        for place, records in fetched.items():
            # A fetch that spans a seek or a stop moved the client's position although nothing of it is delivered.
            if seeks != self._seeks or not self.flow_active or not self._is_on(place, active):
                await self._put_back(place, sought=seeks != self._seeks)
                polls = {}
            elif began.get(place) != self._after.get(place):
                await self._go_back(place)
                polls = {}
            else:
                self._arrive(place, polls.get(place), records)
                if message := self._batch(place, records):
                    yield place, message
        if seeks == self._seeks:
            for place, poll in polls.items():
                if place in self._next:
                    if began.get(place) == self._after.get(place):
                        self._after[place] = poll.position  # past holes, without a record
                    self._reading.looked(place, poll, self._next[place])

    def _is_on(self, place: TP, active: set[TP] | None) -> bool:
        return active is None or place in active or place in self._buffered_partitions

    def _arrive(self, place: TP, poll: Poll | None, records: list[Any]) -> None:
        self._after[place] = records[-1].offset + 1 if poll is None else poll.position
        self._astray.pop(place, None)

    async def _go_back(self, place: TP) -> None:
        self._astray[place] += 1
        if self._astray[place] > MOST_ASTRAY:  # what we want to read is not there any more: the next takeover says so
            end_process("position_lost", place=f"{place.topic}/{place.partition}", wanted=self._next.get(place))
        await self._put_back(place, sought=True)

    async def _put_back(self, place: TP, *, sought: bool) -> None:
        """Read again from where we are. While the flow stands still a seek will follow, unless it has been already."""
        if (self.flow_active or sought) and place in self._next and place in self.assignment():
            self._after[place] = self._next[place]
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
        self._next, self._after = dict(starts), dict(starts)
        # seek_wait() goes through the thread's own queue; seek() would touch the thread's loop from outside
        await self._thread.seek_wait(starts)
        self._seeks += 1


class NoProducer(base.Producer):
    """Sends nothing: every record goes through a partition's own transaction."""


class Transport(driver.Transport):
    """Our consumer; no producer."""

    Consumer = Consumer
    Producer = NoProducer
