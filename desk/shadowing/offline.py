"""A challenger on a recorded journal: what it would have found, and what its detector finds once it is promoted."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from desk.journal_file import Record, read_journal, recorded
from desk.replay import replay
from desk.tuning.parameters_file import Proposal
from detectors.challengers import Challengers
from models.events.base import Event
from models.events.catalogue import decode, encode
from models.events.challenger_changed import ChallengerChanged, ChallengerChangedData
from models.events.parameters_updated import ParametersUpdated, ParametersUpdatedData
from models.issues import Issue

_EVERY = 4096


def challenged(journal: Path, proposal: Proposal) -> list[Issue]:
    """The issues of a challenger that runs from the journal's beginning, partition by partition.

    Raises JournalDamaged, and ValueError or `msgspec.ValidationError` for one that cannot run.
    """
    found: list[Issue] = []
    data = ChallengerChangedData(change="added", detector=proposal.detector, parameters=_text(proposal))
    for number, file in recorded(journal).items():
        challengers = Challengers(number)
        for nth, (offset, raw) in enumerate(read_journal(file)):
            event = decode(raw)
            if nth == 0:
                challengers.apply(_added(data, event.time), offset)
            challengers.apply(event, offset)
            if nth % _EVERY == 0:
                found += _issues(challengers)
        found += _issues(challengers)
    return found


def promoted(journal: Path, proposal: Proposal) -> list[Issue]:
    """The detector's issues when the journal begins with its new parameters."""
    found: list[Issue] = []
    for number, file in recorded(journal).items():
        found += replay(_with(proposal, read_journal(file)), number)
    return [issue for issue in found if issue.detector == proposal.detector]


def events(journal: Path) -> Iterator[Event]:
    """All events of all partitions."""
    for file in recorded(journal).values():
        for _, raw in read_journal(file):
            yield decode(raw)


def _with(proposal: Proposal, records: Iterator[Record]) -> Iterator[Record]:
    for nth, (offset, raw) in enumerate(records):
        if nth == 0:
            data = ParametersUpdatedData(detector=proposal.detector, parameters=_text(proposal))
            at = decode(raw).time
            update = ParametersUpdated(id="promote", source="operator", subject=proposal.detector, time=at, data=data)
            yield offset - 1, encode(update)
        yield offset, raw


def _added(data: ChallengerChangedData, at: datetime) -> ChallengerChanged:
    return ChallengerChanged(id="added", source="operator", subject="challenger", time=at, data=data)


def _text(proposal: Proposal) -> str:
    return msgspec.json.encode(proposal.parameters).decode()


def _issues(challengers: Challengers) -> list[Issue]:
    return [issue for _, outputs in challengers.drain()[0] for issue in outputs.issues]
