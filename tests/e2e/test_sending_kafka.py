"""A transaction on a real broker holds all of its records or none, whatever the broker refuses."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerFenced

from deploy.kafka.broker import Broker
from streams.admin import apply
from streams.restore import Marker, encode_marker, restore, take_over
from streams.sending import Entry, lanes_of, send_lanes
from streams.settings import Settings
from streams.step import MARKER_KEY, Output, Role, Step
from streams.topics import Topic, table
from tests.e2e.topic_reading import read_topic

ROLE = Role("sending", ("sending.v1",), lambda _topic, _partition: no_step())
OUT, STATE = "sending.out", ROLE.state_topic("sending.v1")


def no_step() -> Step:
    raise AssertionError("nothing is opened here")


@pytest.fixture(scope="module")
def settings(kafka: Broker) -> Settings:
    day = timedelta(days=1)
    letters = Topic("sending.letters", 1, day, value_bytes=table(1)[8].value_bytes)
    apply(kafka.bootstrap, [Topic("sending.v1", 3, day), Topic(OUT, 3, day), Topic(STATE, 3, None), letters])
    return Settings(kafka=kafka.bootstrap, partitions=3)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def values(settings: Settings, topic: str, partition: int) -> list[bytes]:
    return [value for _, _, value in read_topic(settings.kafka, topic, 3)[partition]]


async def commit(producer: Any, lanes: dict[tuple[str, int], list[Entry]]) -> None:
    await producer.begin_transaction()
    await send_lanes(producer, lanes)
    await producer.commit_transaction()


def test_records_arrive_in_order_by_topic_and_partition_with_their_headers(settings: Settings) -> None:
    big = [(b"k", b"%d" % number + b"x" * 300_000, ()) for number in range(8)]

    async def test() -> None:
        producer = await take_over(ROLE, "sending.v1", 0, settings)
        outputs: list[Output] = [(OUT, 0, *entry) for entry in big] + [(OUT, 1, b"k", None, [("h", b"1")])]
        await commit(producer, lanes_of(outputs))
        await producer.stop()

    run(test)
    assert values(settings, OUT, 0) == [value for _, value, _ in big]
    assert values(settings, OUT, 1) == [None]


@pytest.mark.parametrize(
    ("place", "entry", "error"),
    [
        ((STATE, 1), (None, b"a record without a key", ()), KafkaError),
        ((OUT, 1), (b"k", b"x" * 1_500_000, ()), MessageSizeTooLargeError),
    ],
    ids=["refused by compaction", "refused by its size"],
)
def test_one_record_that_is_refused_takes_the_whole_transaction_with_it(
    settings: Settings, place: tuple[str, int], entry: Entry, error: type[Exception]
) -> None:
    before = values(settings, OUT, 2)

    async def test() -> None:
        producer = await take_over(ROLE, "sending.v1", 1, settings)
        with pytest.raises(error):
            await commit(producer, {(OUT, 2): [(b"k", b"its neighbour", ())], place: [entry]})
        await producer.abort_transaction()
        await producer.stop()

    run(test)
    assert values(settings, OUT, 2) == before


def test_a_dead_letter_of_the_largest_original_can_be_written(settings: Settings) -> None:
    original = b"x" * (1024 * 1024 + 60_000)  # what a source takes, batch and all

    async def test() -> None:
        producer = await take_over(ROLE, "sending.v1", 1, settings)
        await commit(producer, {("sending.letters", 0): [(b"k", original, [("dlq.reason", b"too_large")])]})
        await producer.stop()

    run(test)
    [found] = read_topic(settings.kafka, "sending.letters", 1)
    assert found[-1][2] == original


def test_whoever_takes_over_shuts_out_the_former_owner_and_sees_all_it_wrote(settings: Settings) -> None:
    async def test() -> None:
        former = await take_over(ROLE, "sending.v1", 2, settings)
        marker = (MARKER_KEY, encode_marker(Marker(next=7, records=7, outputs=1)), ())
        await commit(former, {(STATE, 2): [(b"a", b"1", ()), (b"b", b"1", ()), marker]})
        await commit(former, {(STATE, 2): [(b"a", b"2", ()), (b"b", None, ()), marker]})
        await former.begin_transaction()
        await send_lanes(former, {(STATE, 2): [(b"a", b"3", ())]})
        following = await take_over(ROLE, "sending.v1", 2, settings)
        restored = await restore(ROLE, "sending.v1", 2, settings)
        assert restored.states == {b"a": b"2"}
        assert restored.marker == Marker(next=7, records=7, outputs=1)
        with pytest.raises(ProducerFenced):
            await former.commit_transaction()
        await following.stop()
        await former.stop()

    run(test)
    assert b"3" not in values(settings, STATE, 2)


def test_large_headers_count_towards_a_batch(settings: Settings) -> None:
    entries: list[Entry] = [(b"k", b"%d" % number, [("trace", b"x" * 100_000)]) for number in range(30)]

    async def test() -> None:
        producer = await take_over(ROLE, "sending.v1", 0, settings)
        await commit(producer, {("sending.letters", 0): entries})
        await producer.stop()

    before = len(read_topic(settings.kafka, "sending.letters", 1)[0])
    run(test)
    [found] = read_topic(settings.kafka, "sending.letters", 1)
    assert [value for _, _, value in found[before:]] == [b"%d" % number for number in range(30)]
