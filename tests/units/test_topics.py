"""The table of topics, and a cluster that is brought in line with it or told where it differs."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_port
from streams.admin import TopicMismatch, apply, check, end_offsets, group_of, lag
from streams.cluster import KafkaAway, KafkaRefused
from streams.topics import DEAD_LETTERS, INPUTS, JOURNAL, ORDERS, SINGLE, SOURCES, Topic, state_topic, table

IN_2013 = 1_360_281_600_000


def own(prefix: str) -> Topic:
    """A journal of this test, with two partitions."""
    return next(topic for topic in table(2, prefix) if topic.name == prefix + JOURNAL)


async def send(bootstrap: str, topic: str, *values: bytes, timestamp_ms: int | None = None) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=4_000_000) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"key", partition=0, timestamp_ms=timestamp_ms)


def test_every_topic_of_the_flow_is_in_the_table_once() -> None:
    names = [topic.name for topic in table(16)]
    assert len(names) == len(set(names))
    assert {
        "orders.v1",
        "telemetry.v1",
        "care.v1",
        "addresses.v1",
        "journal.v1",
        "examples.v1",
        "observations.v1",
        "issues.v1",
        "shadow-issues.v1",
        "shadow.journal.v1.state",
        "dead-letters.v1",
        "dead-letters.v1.handled",
        "detect.journal.v1.state",
        "context.observations.v1.state",
        "learn.examples.v1.state",
        "ingest.orders.v1.state",
        "ingest.telemetry.v1.state",
        "ingest.care.v1.state",
    } == set(names)


@pytest.mark.parametrize("partitions", [1, 4, 16])
def test_a_state_topic_has_the_partitions_of_its_input_and_is_compacted(partitions: int) -> None:
    found = {topic.name: topic for topic in table(partitions)}
    for role, inputs in INPUTS.items():
        for name in inputs:
            state = found[state_topic(role, name)]
            assert state.partitions == found[name].partitions == (1 if name in SINGLE else partitions)
            assert state.compacted and state.settings["cleanup.policy"] == "compact"


def test_the_journal_is_kept_28_days_and_nothing_that_knows_customers_longer() -> None:
    found = {topic.name: topic for topic in table(4)}
    assert found[JOURNAL].retention == timedelta(days=28)
    assert found[JOURNAL].settings["retention.ms"] == str(28 * 24 * 3600 * 1000)
    assert all(topic.retention <= timedelta(days=28) for topic in found.values() if topic.retention)


def test_an_original_of_full_size_fits_into_the_dead_letters_with_its_story() -> None:
    found = {topic.name: topic for topic in table(4)}
    assert found[DEAD_LETTERS].value_bytes >= 2 * max(found[name].value_bytes for name in SOURCES)


def test_missing_topics_are_created_once_and_then_nothing_differs(kafka: Broker) -> None:
    topics = table(2, "created-")
    assert apply(kafka.bootstrap, topics) == [topic.name for topic in topics]
    assert apply(kafka.bootstrap, topics) == []
    assert check(kafka.bootstrap, topics) == []
    assert end_offsets(kafka.bootstrap, ["created-" + JOURNAL]) == {
        ("created-" + JOURNAL, 0): 0,
        ("created-" + JOURNAL, 1): 0,
    }


def test_another_partition_count_is_refused_before_anything_is_created(kafka: Broker) -> None:
    there, new = own("count-"), own("count-new-")
    apply(kafka.bootstrap, [there])
    with pytest.raises(TopicMismatch, match=r"count-journal\.v1 has 2 partitions and must have 3 .*BEFOREHAND_PARTIT"):
        apply(kafka.bootstrap, [new, replace(there, partitions=3)])
    assert check(kafka.bootstrap, [new]) == [f"{new.name} is missing"]


def test_every_difference_is_told_in_words(kafka: Broker) -> None:
    there = own("words-")
    apply(kafka.bootstrap, [there])
    wanted = replace(there, partitions=5, retention=None, value_bytes=100_000)
    told = check(kafka.bootstrap, [wanted])
    assert told[0] == "words-journal.v1 has 2 partitions and must have 5"
    assert "words-journal.v1: cleanup.policy (what happens to old records) is delete and should be compact" in told
    assert [line.split()[1] for line in told[1:]] == ["cleanup.policy", "retention.ms", "max.message.bytes"]


def test_a_setting_kafka_does_not_take_is_told_with_its_reason(kafka: Broker) -> None:
    with pytest.raises(KafkaRefused, match=r"does not create topic refused-journal\.v1: .*segment\.bytes"):
        apply(kafka.bootstrap, [replace(own("refused-"), more=(("segment.bytes", "5"),))])


def test_a_dead_broker_is_one_sentence_within_12_s() -> None:
    started = time.monotonic()
    with pytest.raises(KafkaAway, match=r"^no Kafka answers at 127\.0\.0\.1:\d+: start it, or correct"):
        apply(f"127.0.0.1:{free_port()}", table(1))
    assert time.monotonic() - started < 12


def test_a_record_from_2013_carries_the_time_it_arrived(kafka: Broker) -> None:
    """Else Kafka would delete it for its age."""
    apply(kafka.bootstrap, table(1, "age-"))
    name = "age-" + ORDERS
    before_ms = time.time() * 1000
    asyncio.run(send(kafka.bootstrap, name, b"old", timestamp_ms=IN_2013))

    async def arrived_ms() -> int:
        async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap) as consumer:
            consumer.assign([TopicPartition(name, 0)])
            await consumer.seek_to_beginning()
            return int((await consumer.getone()).timestamp)

    assert asyncio.run(arrived_ms()) >= before_ms - 1000


def test_too_large_for_a_source_still_fits_into_the_dead_letters(kafka: Broker) -> None:
    apply(kafka.bootstrap, table(1, "size-"))
    asyncio.run(send(kafka.bootstrap, "size-" + ORDERS, b"x" * 1024 * 1024))
    with pytest.raises(MessageSizeTooLargeError):
        asyncio.run(send(kafka.bootstrap, "size-" + ORDERS, b"x" * 1_300_000))
    asyncio.run(send(kafka.bootstrap, "size-" + DEAD_LETTERS, b"x" * 2 * 1024 * 1024))


def test_lag_is_what_a_group_has_still_before_it(kafka: Broker) -> None:
    topic, group = own("lag-"), group_of("detect", "lag-")
    apply(kafka.bootstrap, [topic])
    assert group == "lag-beforehand-detect"
    asyncio.run(send(kafka.bootstrap, topic.name, *[b"v"] * 5))
    assert lag(kafka.bootstrap, group, [topic.name]) == {(topic.name, 0): 5, (topic.name, 1): 0}

    async def commit(offset: int) -> None:
        async with AIOKafkaConsumer(
            bootstrap_servers=kafka.bootstrap, group_id=group, enable_auto_commit=False
        ) as consumer:
            consumer.assign([TopicPartition(topic.name, 0)])
            await consumer.commit({TopicPartition(topic.name, 0): offset})

    asyncio.run(commit(3))
    assert lag(kafka.bootstrap, group, [topic.name, "no-such-topic"]) == {(topic.name, 0): 2, (topic.name, 1): 0}
