"""Nobody replays a dead letter twice, or anything but the original; what must not go back stays."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.kafka.broker import Broker
from models.dead_letters import Reason
from streams.clock import real_now
from streams.letters.failures import NotReplayable, OtherRun, UnknownLetter
from streams.letters.reading import Wanted, done_about, handled_letters, letters
from streams.letters.repairs import Repairs
from streams.letters.replaying import drop, replay
from streams.letters.working import Pace
from streams.letters.writer import LetterWriter, note
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, HANDLED_LETTERS
from tests.e2e.dead_letter_cases import (
    GOOD,
    P,
    arrived,
    nothing_waiting,
    run,
    set_aside,
    settle,
    waiting,
)
from tests.e2e.topic_reading import records_of


@pytest.fixture
def settings(letters: Broker) -> Settings:
    return nothing_waiting(letters)


def test_a_replay_is_the_original_to_the_byte_and_a_second_one_nothing(settings: Settings) -> None:
    before = len(arrived(settings))
    headers = [("n", None), ("n", b"1"), ("dlq.reason", b"another system's"), ("n", b"\xff")]
    set_aside(settings, b"\x00\xff", None, key=None, headers=headers)
    tally = run(lambda: replay(settings, Wanted(), None, Pace()))
    assert (tally.done, tally.left) == ({"invalid": 2}, {})
    assert run(lambda: replay(settings, Wanted(), None, Pace())).done.total() == 0
    first, second = arrived(settings)[before:]
    assert (first.key, first.value, list(first.headers)) == (None, b"\x00\xff", headers)
    assert (second.key, second.value, list(second.headers)) == (None, None, headers)


def test_what_a_dead_run_left_open_is_undone_and_done_once_by_the_next(settings: Settings) -> None:
    before = len(arrived(settings))
    set_aside(settings, b"once")

    async def halves() -> None:
        async with LetterWriter(settings) as former:
            [letter] = await with_value(settings, b"once")
            again = (letter.topic, letter.partition, letter.key, letter.value, letter.headers)
            await former.send([again, note(letter, "replayed", real_now())])  # the broker has both; then it hangs
            await replay(settings, Wanted(), None, Pace())

    run(halves)
    assert [one.value for one in arrived(settings)[before:]] == [b"once"]
    assert waiting(settings) == []


def test_who_begins_shuts_the_other_out(settings: Settings) -> None:
    [name] = set_aside(settings, b"mine")

    async def both() -> None:
        [letter] = await with_value(settings, b"mine")
        async with LetterWriter(settings) as former, LetterWriter(settings):
            with pytest.raises(OtherRun, match="took over"):
                await former.commit([note(letter, "dropped", real_now())])

    run(both)
    assert waiting(settings) == [name]


def test_most_rate_and_dry_run_hold(settings: Settings) -> None:
    before = len(arrived(settings))
    names = set_aside(settings, *[b"%d" % number for number in range(8)])
    assert run(lambda: replay(settings, Wanted(), None, Pace(most=3, dry=True))).done.total() == 3
    assert waiting(settings) == names
    assert run(lambda: replay(settings, Wanted(), None, Pace(most=3))).done.total() == 3
    assert waiting(settings) == names[3:]
    run(lambda: replay(settings, Wanted(), None, Pace(rate=5.0)))
    paced = arrived(settings)[before + 3 :]
    assert [one.value for one in paced] == [b"3", b"4", b"5", b"6", b"7"]
    assert paced[-1].timestamp - paced[0].timestamp >= 500  # ms; 800 less what the first one took


def test_letters_are_chosen_by_reason_and_time(settings: Settings) -> None:
    set_aside(settings, b"{", reason=Reason.NOT_JSON)
    later = real_now()
    [name] = set_aside(settings, b"[", reason=Reason.NOT_JSON)
    set_aside(settings, b"{}")
    wanted = Wanted(reason="not_json", since=later)
    assert run(lambda: drop(settings, wanted, Pace())).done == {"not_json": 1}
    assert name not in waiting(settings) and len(waiting(settings)) == 2


def test_a_repair_that_changes_the_id_is_left(settings: Settings, tmp_path: Path) -> None:
    [name] = set_aside(settings, GOOD.replace(b'"1.0"', b'"0.3"'), topic="orders.v1")
    (tmp_path / name).write_bytes(GOOD.replace(b'"id":"', b'"id":"other-'))
    tally = run(lambda: replay(settings, Wanted(), Repairs(tmp_path), Pace()))
    assert [why for why in tally.left if "CloudEvents id" in why] and not tally.done
    assert waiting(settings) == [name]


@pytest.mark.parametrize("reason", [Reason.DETECTOR_ERROR, Reason.BAD_JOURNAL_RECORD])
def test_a_letter_from_the_journal_is_refused_by_reason_and_id_and_left_otherwise(
    settings: Settings, reason: Reason
) -> None:
    before = len(arrived(settings, "journal.v1"))
    [name] = set_aside(settings, GOOD, topic="journal.v1", reason=reason)
    letter = (1, int(name.split("-")[1]))
    for wanted in (Wanted(reason=reason), Wanted(ids=frozenset([letter]))):
        with pytest.raises(NotReplayable, match=r"not replayed; .* then `beforehand dead-letters drop` it"):
            run(partial(replay, settings, wanted, None, Pace()))
    tally = run(lambda: replay(settings, Wanted(), None, Pace()))
    assert (tally.done.total(), tally.left.total()) == (0, 1)
    assert len(arrived(settings, "journal.v1")) == before
    assert run(lambda: drop(settings, Wanted(ids=frozenset([letter])), Pace())).done == {reason: 1}


def test_a_letter_whose_source_is_gone_is_left_and_holds_up_no_other(settings: Settings) -> None:
    before = len(arrived(settings))
    [lost] = set_aside(settings, b"lost", topic="gone.v1")
    set_aside(settings, b"found")
    tally = run(lambda: replay(settings, Wanted(), None, Pace()))
    assert tally.left == {"came from gone.v1/1, which is not there any more": 1}
    assert [one.value for one in arrived(settings)[before:]] == [b"found"]
    assert waiting(settings) == [lost]


def test_nothing_is_done_when_one_of_the_ids_is_not_there(settings: Settings) -> None:
    [name] = set_aside(settings, b"x")
    ids = frozenset([(1, int(name.split("-")[1])), (1, 10**9)])
    with pytest.raises(UnknownLetter, match="1-1000000000"):
        run(lambda: replay(settings, Wanted(ids=ids), None, Pace()))
    with pytest.raises(UnknownLetter, match="1-1000000000"):
        run(lambda: drop(settings, Wanted(ids=ids), Pace()))
    assert waiting(settings) == [name]


def test_a_note_holds_for_its_own_letter_only_and_goes_when_that_is_gone(settings: Settings) -> None:
    set_aside(settings, b"deleted by Kafka", b"kept")
    run(lambda: drop(settings, Wanted(), Pace()))
    settle(settings)
    notes = run(lambda: handled_letters(settings))
    [kept] = run(lambda: with_value(settings, b"kept"))
    assert done_about(kept, notes) is not None
    assert done_about(kept, {kept.id: _of(notes[kept.id], kept.at_ms - 1)}) is None  # a topic that was made anew

    async def delete() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
        await admin.start()
        place = TopicPartition(DEAD_LETTERS, 1)
        await admin.delete_records({place: RecordsToDelete(before_offset=kept.id[1])})
        await admin.close()

    asyncio.run(delete())
    run(lambda: drop(settings, Wanted(), Pace()))
    settle(settings)
    assert set(run(lambda: handled_letters(settings))) == {kept.id}
    assert records_of(settings.kafka, HANDLED_LETTERS, P)[1][-1].value is None


def _of(handled: Any, at_ms: int) -> Any:
    return type(handled)(handled.did, handled.at, at_ms)


async def with_value(settings: Settings, value: bytes) -> list[Any]:
    return [one async for one in letters(settings, Wanted()) if one.value == value]
