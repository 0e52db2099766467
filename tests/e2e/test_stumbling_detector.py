"""A detector that fails on some records: its reading alone is set aside, all others say what they would have said."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from beforehand.stack import Stack
from desk.sources.feed import Sent
from detectors.catalogue import all_detectors
from models.dead_letters import (
    HEADER_DETAIL,
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_STAGE,
    HEADER_TOPIC,
    Reason,
)
from models.events.catalogue import decode
from models.events.payment_attempted import PaymentAttempted
from models.issues import Issue, decode_issue, encode_issue
from models.partitions import partition_of
from streams.clock import set_clock
from streams.feed import feed
from streams.roles.detect import DetectStep
from streams.settings import Settings
from streams.step import Progress
from tests.bad_inputs import NOW
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.stumbling_role import STUMBLES
from tests.e2e.topic_reading import records_of

STUMBLING_ROLE = [sys.executable, "-m", "tests.e2e.stumbling_role"]
STUMBLING = [f"{STUMBLES}-{number}" for number in range(12)]
STEADY = [f"steady-{number}" for number in range(12)]
TRIES = 6
Place = tuple[int, int]
"""Partition and offset in the journal."""


def payments() -> Iterator[Sent]:
    """Everybody's payments are refused again and again, in turn."""
    for number in range(TRIES):
        for customer in (*STUMBLING, *STEADY):
            event = msgspec.structs.replace(
                PaymentAttempted.example(), id=f"{customer}-{number}", subject=customer,
                time=NOW - timedelta(hours=1) + timedelta(minutes=number),
            )  # fmt: skip
            yield event.topic, partition_of(customer, PARTITIONS), event


def without_the_detector(journal: list[list[Any]]) -> list[Issue]:
    """What the shipped detectors alone find in this journal."""
    issues = []
    for partition, records in enumerate(journal):
        step = DetectStep(all_detectors(), partition, PARTITIONS)
        step.apply(records)
        outputs = step.drain(Progress()).outputs
        issues += [decode_issue(value or b"") for topic, _, _, value, _ in outputs if topic == "issues.v1"]
    return issues


class Topics:
    """What stands in Kafka now."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka

    def journal(self) -> list[list[Any]]:
        return records_of(self._kafka, "journal.v1", PARTITIONS)

    def letters(self) -> list[Any]:
        return [one for part in records_of(self._kafka, "dead-letters.v1", PARTITIONS) for one in part]

    def issues(self, *, stumbling: bool) -> list[Issue]:
        records = [one for part in records_of(self._kafka, "issues.v1", PARTITIONS) for one in part]
        issues = [decode_issue(one.value) for one in records]
        return [one for one in issues if (one.detector == "stumbling") == stumbling]


def check_letters(letters: list[Any], journal: list[list[Any]]) -> set[Place]:
    """Each is a payment of a stumbling customer, to the byte, and none is missing or there twice; their places."""
    records = {(one.partition, one.offset): one for part in journal for one in part}
    places: list[Place] = []
    for letter in letters:
        headers = {name: value.decode() for name, value in letter.headers}
        place = int(headers[HEADER_PARTITION]), int(headers[HEADER_OFFSET])
        assert (headers[HEADER_TOPIC], headers[HEADER_STAGE]) == ("journal.v1", "detect")
        assert (headers[HEADER_REASON], headers[HEADER_DETAIL]) == (
            Reason.DETECTOR_ERROR,
            "stumbling: RuntimeError",
        )
        assert (letter.key, letter.value) == (records[place].key, records[place].value)
        places.append(place)
    wanted = [place for place, one in records.items() if decode(one.value).subject in STUMBLING]
    assert sorted(places) == sorted(wanted)
    return set(places)


def test_a_detector_that_raises_loses_its_own_reading_and_nobody_elses(tmp_path: Path) -> None:
    set_clock(tmp_path / "clock.json", NOW, rate=0.0)
    settings = Settings(kafka="", partitions=PARTITIONS, run_dir=tmp_path, clock_file=tmp_path / "clock.json")
    with Stack(settings, {"ingest": ["ingest"]}, {"detect": STUMBLING_ROLE}) as stack:
        topics = Topics(stack.settings.kafka)
        asyncio.run(feed(stack.settings, payments(), progress=lambda _count, _at: None))
        eventually(lambda: len(topics.letters()) >= len(STUMBLING) * TRIES, 60, "each stumble is set aside")
        eventually(lambda: len(topics.issues(stumbling=True)) >= len(STEADY), 60, "it goes on with the others")
        set_aside = check_letters(topics.letters(), topics.journal())

        expected = without_the_detector(topics.journal())
        eventually(lambda: len(topics.issues(stumbling=False)) >= len(expected), 60, "the others' issues are there")
        others = topics.issues(stumbling=False)
        assert sorted(map(encode_issue, others)) == sorted(map(encode_issue, expected))
        assert {one.customer_id for one in others} == {*STUMBLING, *STEADY}
        same_record = [one for one in others if (one.journal_partition, one.journal_offset) in set_aside]
        assert {one.customer_id for one in same_record if one.change == "opened"} == set(STUMBLING)
        assert {one.customer_id for one in topics.issues(stumbling=True)} == set(STEADY)
        assert stack.supervisor.restarts() == {"ingest": 0, "detect": 0}
