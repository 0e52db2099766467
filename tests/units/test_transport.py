"""The batch transport: what is delivered, what is dropped and put back, what counts as read."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from faust.types import TP

from streams.app import RoleApp
from streams.settings import Settings
from streams.step import Role, Step
from streams.transport import BatchMessage, Consumer, Transport
from streams.watermarks import Poll
from tests.records import FakeRecord

P0, P1 = TP("in.v1", 0), TP("in.v1", 1)


class FakeThread:
    """The thread with Kafka's client: answers a fetch with what was laid out, notes seeks."""

    def __init__(self, *places: TP) -> None:
        self.places = set(places)
        self.fetches: list[Mapping[TP, Sequence[FakeRecord]]] = []
        self.polls: Mapping[TP, Poll] = {}
        self.began: Mapping[TP, int] = {}
        self.position: dict[TP, int] = {}
        self.seeks: list[dict[TP, int]] = []
        self.during: Callable[[], Coroutine[Any, Any, None]] | None = None

    async def getmany(self, _active: set[TP], _timeout: float) -> Mapping[TP, Sequence[FakeRecord]]:
        self.began = dict(self.position)
        if self.during:
            await self.during()
        fetched = self.fetches.pop(0)
        self.position |= {place: records[-1].offset + 1 for place, records in fetched.items()}
        return fetched

    async def seek_wait(self, starts: Mapping[TP, int]) -> None:
        self.seeks.append(dict(starts))
        self.position |= starts

    def assignment(self) -> set[TP]:
        return self.places


class FakeReading:
    """Where to go on, and what it was told."""

    def __init__(self, **starts: int) -> None:
        self.at = {TP("in.v1", int(name[1:])): offset for name, offset in starts.items()}
        self.told: list[tuple[TP, Poll, int]] = []

    def starts(self) -> Mapping[TP, int]:
        return self.at

    def looked(self, place: TP, poll: Poll, delivered: int) -> None:
        self.told.append((place, poll, delivered))


def no_step(_topic: str, _partition: int) -> Step:
    raise AssertionError("nothing is opened here")


class Bench:
    """A consumer of ours without a broker."""

    def __init__(self, **starts: int) -> None:
        settings = Settings(kafka="127.0.0.1:1", partitions=2)
        self.app = RoleApp(Role("toy", ("in.v1",), no_step), settings)
        self.reading = FakeReading(**starts)
        self.app.reading = self.reading  # type: ignore[assignment]  # a fake of the port Reading
        self.thread = FakeThread(*self.reading.at)
        consumer = self.app.consumer
        assert isinstance(consumer, Consumer)
        self.consumer = consumer
        self.consumer._thread = self.thread  # type: ignore[assignment]  # no broker: a fake of the thread
        self.consumer._set_active_tps(set(self.reading.at))

    async def fetch(self, **records: range) -> list[tuple[TP, int, list[int]]]:
        """Place, offset and records' offsets of each message of one fetch."""
        self.thread.fetches.append(
            {TP("in.v1", int(name[1:])): [FakeRecord(at, b"v") for at in many] for name, many in records.items()}
        )
        got = []
        async for place, message in self.consumer.getmany(1.0):
            assert isinstance(message, BatchMessage)
            got.append((place, message.offset, [record.offset for record in message.value]))  # type: ignore[union-attr]  # a batch's value is its records
        return got


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_a_fetch_of_a_partition_is_one_message_with_the_offset_of_its_last_record() -> None:
    async def test() -> None:
        bench = Bench(p0=0, p1=7)
        await bench.consumer.perform_seek()
        got = await bench.fetch(p0=range(3), p1=range(7, 9))
        assert got == [(P0, 2, [0, 1, 2]), (P1, 8, [7, 8])]

    run(test)


def test_reading_starts_at_the_marker_and_leaves_out_what_lies_before_it() -> None:
    async def test() -> None:
        bench = Bench(p0=5)
        await bench.consumer.perform_seek()
        assert bench.thread.seeks == [{P0: 5}]
        assert await bench.fetch(p0=range(3, 8)) == [(P0, 7, [5, 6, 7])]
        assert await bench.fetch(p0=range(3, 8)) == []

    run(test)


def test_a_fetch_that_spans_a_seek_is_dropped_and_the_position_put_back() -> None:
    async def test() -> None:
        bench = Bench(p0=5)
        await bench.consumer.perform_seek()
        bench.thread.during = bench.consumer.perform_seek
        assert await bench.fetch(p0=range(5, 9)) == []
        bench.thread.during = None
        assert bench.thread.seeks[-1] == {P0: 5}
        assert await bench.fetch(p0=range(5, 9)) == [(P0, 8, [5, 6, 7, 8])]

    run(test)


def test_a_fetch_that_spans_a_seek_is_put_back_also_while_the_flow_does_not_go_on_yet() -> None:
    async def test() -> None:
        bench = Bench(p0=5)
        await bench.consumer.perform_seek()

        async def rebalance() -> None:
            await bench.consumer.perform_seek()
            bench.consumer.stop_flow()  # the seek is done, the flow goes on a moment later

        bench.thread.during = rebalance
        assert await bench.fetch(p0=range(5, 9)) == []
        bench.thread.during = None
        bench.consumer.resume_flow()
        assert bench.thread.position == {P0: 5}
        assert await bench.fetch(p0=range(5, 9)) == [(P0, 8, [5, 6, 7, 8])]

    run(test)


def test_a_fetch_that_does_not_begin_where_the_last_one_ended_is_read_again_from_there() -> None:
    async def test() -> None:
        bench = Bench(p0=0)
        await bench.consumer.perform_seek()
        assert await bench.fetch(p0=range(3)) == [(P0, 2, [0, 1, 2])]
        bench.thread.position[P0] = 7  # whatever moved it
        assert await bench.fetch(p0=range(7, 9)) == []
        assert bench.thread.seeks[-1] == {P0: 3}
        assert await bench.fetch(p0=range(3, 9)) == [(P0, 8, [3, 4, 5, 6, 7, 8])]

    run(test)


def test_holes_in_the_offsets_are_passed_over() -> None:
    async def test() -> None:
        bench = Bench(p0=0)
        await bench.consumer.perform_seek()
        for records, position in ((range(3), 5), (range(5, 6), 9), (range(9, 10), 10)):  # a marker's place is empty
            bench.thread.polls = {P0: Poll(position=position, end=20, answered_at=1.0)}
            assert [place for place, _, _ in await bench.fetch(p0=records)] == [P0]
            bench.thread.position[P0] = position
        assert bench.thread.seeks == [{P0: 0}]

    run(test)


def test_a_fetch_that_spans_a_stop_is_dropped() -> None:
    async def test() -> None:
        bench = Bench(p0=0)
        await bench.consumer.perform_seek()

        async def stop() -> None:
            bench.consumer.stop_flow()

        bench.thread.during = stop
        assert await bench.fetch(p0=range(3)) == []
        assert bench.reading.told == []

    run(test)


def test_a_partition_that_was_paused_meanwhile_is_put_back_where_it_was() -> None:
    async def test() -> None:
        bench = Bench(p0=0, p1=0)
        await bench.consumer.perform_seek()
        await bench.fetch(p0=range(3))

        async def pause() -> None:
            bench.consumer.pause_partitions([P0])

        bench.thread.during = pause
        assert await bench.fetch(p0=range(3, 6), p1=range(2)) == [(P1, 1, [0, 1])]
        assert bench.thread.seeks[-1] == {P0: 3}

    run(test)


def test_only_the_leading_batches_that_are_acknowledged_count_as_read() -> None:
    async def test() -> None:
        bench = Bench(p0=0)
        consumer = bench.consumer
        await consumer.perform_seek()
        for batch in (range(3), range(3, 6), range(8, 9)):  # with a hole before the last
            await bench.fetch(p0=batch)

        def acknowledge(offset: int) -> None:
            consumer._acked[P0].append(offset)
            consumer._acked_index[P0].add(offset)

        assert consumer._new_offset(P0) is None
        acknowledge(5)
        assert consumer._new_offset(P0) is None
        acknowledge(2)
        assert consumer._new_offset(P0) == 6
        acknowledge(8)
        assert consumer._new_offset(P0) == 9
        assert consumer._new_offset(P0) is None

    run(test)


def test_how_far_the_partition_goes_is_told_together_with_what_was_delivered() -> None:
    async def test() -> None:
        bench = Bench(p0=0, p1=4)
        await bench.consumer.perform_seek()
        end = Poll(position=3, end=3, answered_at=100.0)
        bench.thread.polls = {P0: end, P1: end}
        await bench.fetch(p0=range(3))
        assert bench.reading.told == [(P0, end, 3), (P1, end, 4)]

    run(test)


def test_our_transport_is_the_one_in_use_and_it_cannot_send() -> None:
    async def test() -> None:
        app = Bench(p0=0).app
        assert isinstance(app.transport, Transport)
        try:
            await app.producer.send("in.v1", b"k", b"v", None, None, None)
        except NotImplementedError:
            return
        raise AssertionError("a record went past the transaction")

    run(test)


def test_the_consumer_reads_only_what_was_committed() -> None:
    async def test() -> None:
        app = RoleApp(Role("toy", ("in.v1",), no_step), Settings(kafka="127.0.0.1:1", partitions=2))
        consumer = app.consumer
        assert isinstance(consumer, Consumer)
        client = consumer._thread._create_worker_consumer(app.transport)
        assert client._isolation_level == "read_committed"
        assert client._group_id == "beforehand-toy"

    run(test)
