"""The house without Kafka learns in one pass as the live one does, and its recording replays to the same scores."""

from datetime import timedelta
from pathlib import Path

import pytest

from desk.journal_file import Record, journal_path, read_journal
from desk.offline import House
from desk.relearning import relearned
from desk.replay import played
from desk.sources.feed import feed
from models.events.catalogue import decode
from models.events.model_updated import ModelUpdated
from models.signals import Signal
from tests.taught import CallsAgain, calls

PARTITIONS = 3


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Signal]]:
    folder = tmp_path_factory.mktemp("journal")
    sent = feed(calls(700), PARTITIONS, timedelta(hours=1), ("care.v1",), timedelta(days=4))
    with House(PARTITIONS, detectors=[CallsAgain(CallsAgain.params_type())], keep_signals=True, record_to=folder) as at:
        return folder, [signal for outputs in at.run(sent) for signal in outputs.signals]


def test_scores_come_from_what_was_learned(recorded: tuple[Path, list[Signal]]) -> None:
    again = {signal.object.removesuffix("again") for signal in recorded[1] if signal.object.endswith("again")}
    later = [signal for signal in recorded[1][400:] if not signal.object.endswith("again")]
    troubled = [signal.probability for signal in later if signal.object in again]
    others = [signal.probability for signal in later if signal.object not in again]
    assert sum(troubled) / len(troubled) > sum(others) / len(others) + 0.1


def test_every_journal_partition_holds_every_model(recorded: tuple[Path, list[Signal]]) -> None:
    told = [[event for event in _events(recorded[0], p) if isinstance(event, ModelUpdated)] for p in range(PARTITIONS)]
    assert told[0] == told[1] == told[2]
    assert len(told[0]) > 8


@pytest.mark.parametrize("partition", range(PARTITIONS))
def test_the_recording_replays_to_the_same_scores_bit_for_bit(
    recorded: tuple[Path, list[Signal]], partition: int
) -> None:
    records = read_journal(journal_path(recorded[0], partition))
    again = played(records, partition, [CallsAgain(CallsAgain.params_type())], keep_signals=True)
    signals = [signal for outputs in again for signal in outputs.signals]
    assert signals == [signal for signal in recorded[1] if signal.journal_partition == partition]
    assert len({signal.score for signal in signals}) > 50


def test_learning_anew_from_the_recording_leaves_its_models_out_and_scores_as_well(
    recorded: tuple[Path, list[Signal]],
) -> None:
    folder, signals = recorded
    journals = {number: list(read_journal(journal_path(folder, number))) for number in range(PARTITIONS)}
    bare = {number: [one for one in part if b"model.updated" not in one[1]] for number, part in journals.items()}
    assert sum(map(len, bare.values())) < sum(map(len, journals.values()))
    again, from_bare = _relearned(journals), _relearned(bare)
    assert again == from_bare
    assert {(one.journal_partition, one.journal_offset, one.object) for one in again} == {
        (one.journal_partition, one.journal_offset, one.object) for one in signals
    }
    scores = {one.object: one.probability for one in again}
    off = [abs(scores[one.object] - one.probability) for one in signals]
    assert 0.0 < sum(off) / len(off) < 0.03  # a beat of an hour decides where in the journal a model stands


def _relearned(journals: dict[int, list[Record]]) -> list[Signal]:
    found = relearned(journals, [CallsAgain(CallsAgain.params_type())], keep_signals=True)
    return [signal for outputs in found for signal in outputs.signals]


def _events(folder: Path, partition: int) -> list[object]:
    return [decode(raw) for _, raw in read_journal(journal_path(folder, partition))]
