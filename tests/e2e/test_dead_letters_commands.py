"""The commands about dead letters: each of the page is run, and what a person gets wrong is one sentence."""

import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_port
from models.dead_letters import Reason
from models.events.order_placed import OrderPlaced
from streams.letters.reading import Wanted
from streams.letters.repairs import Repairs
from streams.letters.replaying import replay
from streams.letters.working import Pace
from streams.settings import Settings
from streams.topics import DEAD_LETTERS
from tests.command_line import Type, command_line
from tests.e2e.commands import ROOT, assert_refused, typed
from tests.e2e.dead_letter_cases import GOOD, P, arrived, nothing_waiting, run, set_aside, waiting


@pytest.fixture
def settings(letters: Broker) -> Settings:
    return nothing_waiting(letters)


@pytest.fixture
def beforehand(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Type:
    monkeypatch.setenv("BEFOREHAND_KAFKA", settings.kafka)
    monkeypatch.setenv("BEFOREHAND_PARTITIONS", str(P))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


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


def test_a_kafka_that_is_away_not_named_or_without_topics_is_told(letters: Broker, tmp_path: Path) -> None:
    where = f"127.0.0.1:{free_port()}"
    assert_refused(typed(["dead-letters", "replay"], tmp_path, kafka=where), where, "start it")
    assert_refused(typed(["dead-letters", "list"], tmp_path), "BEFOREHAND_KAFKA")
    found = typed(["dead-letters", "list"], tmp_path, kafka=letters.bootstrap, partitions="3")
    assert_refused(found, DEAD_LETTERS, "2 partitions, not 3", "topics apply")
