"""The commands about dead letters: what they refuse, what they leave, and that nobody replays twice."""

import asyncio
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from beforehand.cli import main
from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_port
from models.dead_letters import Reason
from models.events.catalogue import encode
from models.events.order_placed import OrderPlaced
from streams.admin import apply
from streams.clock import real_now
from streams.dead_letters import dead_letter
from streams.letters.failures import NotReplayable, OtherRun, UnknownLetter
from streams.letters.reading import Wanted, done_about, handled_letters, letters
from streams.letters.repairs import Repairs
from streams.letters.replaying import drop, replay
from streams.letters.working import Pace
from streams.letters.writer import LetterWriter, note
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, HANDLED_LETTERS, Topic, table
from tests.e2e.commands import ROOT, assert_refused, typed
from tests.e2e.topic_reading import records_of
from tests.records import FakeRecord

P = 2
GOOD = encode(OrderPlaced.example())
ELSEWHERE = "elsewhere.v1"
"""A source that is none of our own, so that no rule of ours holds for its bytes."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One whose topics have the service's own names."""
    with Broker(tmp_path_factory.mktemp("letters")) as broker:
        apply(broker.bootstrap, [*table(P), Topic(ELSEWHERE, P, timedelta(days=1))])
        yield broker


@pytest.fixture
def settings(broker: Broker) -> Settings:
    """Every letter of the former test is dropped."""
    settings = Settings(kafka=broker.bootstrap, partitions=P)
    run(lambda: drop(settings, Wanted(), Pace()))
    return settings


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(work())


def set_aside(
    settings: Settings, *values: bytes | None, topic: str = ELSEWHERE, reason: Reason = Reason.INVALID, **more: Any
) -> list[str]:
    """The ids of letters with these values, from partition 1 of the topic."""

    async def send() -> list[str]:
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
            names = []
            for number, value in enumerate(values):
                record = FakeRecord(number, value, more.get("key", b"k"), headers=more.get("headers", ()))
                name, partition, key, value, headers = dead_letter(record, (topic, 1), "ingest", reason, "it: broke")
                batch = producer.create_batch()  # `send` takes no header without a value
                batch.append(key=key, value=value, timestamp=None, headers=list(headers))
                sent = await (await producer.send_batch(batch, name, partition=partition))
                names.append(f"{sent.partition}-{sent.offset}")
            return names

    return asyncio.run(send())


def arrived(settings: Settings, topic: str = ELSEWHERE) -> list[Any]:
    return records_of(settings.kafka, topic, P)[1]


def waiting(settings: Settings) -> list[str]:
    async def read() -> list[str]:
        handled = await handled_letters(settings)
        return [one.name async for one in letters(settings, Wanted()) if done_about(one, handled) is None]

    return asyncio.run(read())


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Type = Callable[..., Said]


@pytest.fixture
def beforehand(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Type:
    """The command line in this very process: a new one takes longer to start than most commands."""
    monkeypatch.setenv("BEFOREHAND_KAFKA", settings.kafka)
    monkeypatch.setenv("BEFOREHAND_PARTITIONS", str(P))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)

    def typed_here(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["beforehand", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(ended.value.code if isinstance(ended.value.code, int) else 0, *capsys.readouterr())

    return typed_here


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


def test_a_source_of_ours_gets_nothing_that_would_only_come_back(
    settings: Settings, tmp_path: Path, beforehand: Type
) -> None:
    before = len(arrived(settings, "orders.v1"))
    bad, worse, _ = set_aside(settings, GOOD.replace(b'"1.0"', b'"0.3"'), b"{", GOOD, topic="orders.v1")
    found = beforehand("dead-letters", "replay")
    assert (found.code, found.err) == (1, "")
    assert "1 replayed (invalid 1)" in found.out
    assert "1 left: they would come back as unsupported_version" in found.out
    assert waiting(settings) == [bad, worse]
    (tmp_path / bad).write_bytes(GOOD)
    (tmp_path / worse).write_bytes(b"[")
    tally = run(lambda: replay(settings, Wanted(), Repairs(tmp_path), Pace()))
    assert (tally.done.total(), tally.left.total()) == (1, 1)
    assert [one.value for one in arrived(settings, "orders.v1")[before:]] == [GOOD, GOOD]


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
    assert set(run(lambda: handled_letters(settings))) == {kept.id}
    assert records_of(settings.kafka, HANDLED_LETTERS, P)[1][-1].value is None


def _of(handled: Any, at_ms: int) -> Any:
    return type(handled)(handled.did, handled.at, at_ms)


async def with_value(settings: Settings, value: bytes) -> list[Any]:
    return [one async for one in letters(settings, Wanted()) if one.value == value]


def test_every_command_of_the_page_does_what_it_says(settings: Settings, tmp_path: Path, beforehand: Type) -> None:
    spoiled = GOOD.replace(b'"subject"', b'"custmer"')
    names = set_aside(settings, *[spoiled] * 3, topic="orders.v1")
    dropped = set_aside(settings, b"x" * 300_000, reason=Reason.TOO_LARGE, topic="orders.v1")
    page = (ROOT / "docs" / "dead-letters.md").read_text()
    commands = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert len(commands) >= 15
    said = []
    for line in commands:
        line = line.replace("3-120", names[0]).replace("3-121", dropped[0])
        program, *words = shlex.split(line)
        if program == "sed":
            subprocess.run(line, shell=True, cwd=tmp_path, check=True)  # noqa: S602
            continue
        assert program == "beforehand"
        found = beforehand(*words)
        assert (found.code, found.err) in ((0, ""), (1, "")), (line, found)
        said.append(found.out)
    assert "3 would be replayed" in "".join(said) and "3 replayed (invalid 3)" in "".join(said)
    assert "1 would be dropped" in "".join(said) and "1 dropped (too_large 1)" in "".join(said)
    assert waiting(settings) == []
    example = OrderPlaced.example()
    assert not [one for one in (example.subject, example.id, example.data.order_id) if one in "".join(said)]
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "mend").iterdir()} == {"0o600"}


def test_a_file_that_is_there_is_not_written_over(settings: Settings, tmp_path: Path, beforehand: Type) -> None:
    mended, new = set_aside(settings, b"bad", b"bad")
    (tmp_path / "mend").mkdir()
    (tmp_path / "mend" / mended).write_bytes(b"mended")
    found = beforehand("dead-letters", "show", "--reason", "invalid", "--raw", "mend")
    assert found.out == "wrote 1 files to mend; 1 were there and are as they were\n"
    assert [(tmp_path / "mend" / name).read_bytes() for name in (mended, new)] == [b"mended", b"bad"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "1-99999"], ["1-99999", "list"]),
        (["show"], ["--reason"]),
        (["show", "three"], ["'three'", "3-120"]),
        (["show", "--reason", "invalid", "--raw", "a-file/mend"], ["a-file/mend"]),
        (["list", "--reason", "bad_luck"], ["'bad_luck'", "not_json"]),
        (["list", "--since", "yesterday"], ["'yesterday'", "36h"]),
        (["replay", "--reason", "detector_error"], ["mend the detector", "drop"]),
        (["replay", "--repaired", "nowhere"], ["nowhere"]),
        (["replay", "--repaired", "odd"], ["odd/letter.json", "3-120"]),
        (["drop"], ["--reason"]),
    ],
    ids=lambda words: " ".join(words),
)
def test_what_a_person_gets_wrong_is_one_sentence(
    settings: Settings, tmp_path: Path, beforehand: Type, words: Sequence[str], told: Sequence[str]
) -> None:
    [name] = set_aside(settings, b"x")
    (tmp_path / "a-file").touch()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "letter.json").touch()
    found = beforehand("dead-letters", *words)
    assert found.code == 2
    assert found.err.startswith("beforehand: ") and len(found.err.splitlines()) == 1
    assert [word for word in told if word not in found.err] == []
    assert waiting(settings) == [name]


def test_a_kafka_that_is_away_not_named_or_without_topics_is_told(broker: Broker, tmp_path: Path) -> None:
    where = f"127.0.0.1:{free_port()}"
    assert_refused(typed(["dead-letters", "replay"], tmp_path, kafka=where), where, "start it")
    assert_refused(typed(["dead-letters", "list"], tmp_path), "BEFOREHAND_KAFKA")
    found = typed(["dead-letters", "list"], tmp_path, kafka=broker.bootstrap, partitions="3")
    assert_refused(found, DEAD_LETTERS, "2 partitions, not 3", "topics apply")
