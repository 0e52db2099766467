"""`beforehand replay`: a history or a recorded journal read by the detectors at full speed. Nobody is told anything."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from beforehand.choosing import chosen
from beforehand.progress import progress
from beforehand.windows import BadWords, Window, check_writable, write_whole
from desk.evaluation import counted
from desk.journal_file import JournalDamaged, Record, read_journal, recorded
from desk.offline import House
from desk.relearning import relearned
from desk.replay import played
from desk.sources.feed import feed
from desk.sources.histories import SOURCES, UnknownSource
from detectors.detector import Detector
from detectors.outputs import Outputs
from models.collecting import collect_rarely
from models.issues import Issue, encode_issue
from streams.clock import elapsed

console = Console(highlight=False)
Detectors = list[Detector[Any, Any]]


class Wanted(Window, frozen=True, kw_only=True):
    """What the command was asked for."""

    detectors: list[str]
    partitions: int
    record: Path | None
    issues: Path | None
    models: str = "recorded"
    """`recorded`: a journal's own models, so that its scores come back bit for bit; `relearn`: learned anew."""


class Found(msgspec.Struct):
    """What detection said."""

    records: int
    issues: list[Issue] = []
    failures: Counter[str] = msgspec.field(default_factory=Counter)
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    """Snapshots and parameters of the journal that this version cannot use, and why."""

    def take(self, outputs: Iterable[Outputs]) -> None:
        """Take all of it in."""
        for one in outputs:
            self.issues += one.issues
            self.failures.update(failure.detector for failure in one.failures)
            self.refused.update(f"{refused.name}: {refused.why}" for refused in one.refused)


def run(wanted: Wanted) -> None:
    """Play, show, write what is wanted. A recording is there whole or not at all."""
    collect_rarely()
    check_writable("--issues", wanted.issues)
    detectors, began = chosen(wanted.detectors), elapsed()
    found = _of_source(wanted, detectors) if wanted.source in SOURCES else _of_journal(wanted, detectors)
    if wanted.issues is not None:
        write_whole(wanted.issues, "".join(f"{encode_issue(issue).decode()}\n" for issue in found.issues))
    show(found, detectors, elapsed() - began)


def _of_source(wanted: Wanted, detectors: Detectors) -> Found:
    if wanted.models != "recorded":
        raise BadWords("a source is always learned from anew: leave out --models, it is for recorded journals")
    _check_new("--record", wanted.record)
    history = wanted.history()
    found, beside = Found(history.length), wanted.record and wanted.record.with_name(f".{wanted.record.name}.part")
    topics = sorted({topic for one in detectors for topic in one.clock})
    try:
        with progress(console, wanted.source, history.length) as done:
            sent = feed(counted(history.events(), done), wanted.partitions, history.beat, topics, history.tail)
            with House(wanted.partitions, detectors=detectors, record_to=beside) as house:
                found.take(house.run(sent))
        if beside is not None and wanted.record is not None:
            beside.rename(wanted.record)
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
    return found


def _of_journal(wanted: Wanted, detectors: Detectors) -> Found:
    place = Path(wanted.source)
    if not place.exists():
        raise UnknownSource(
            f"there is no source {wanted.source!r} and no recorded journal there: choose of {', '.join(SOURCES)}, "
            "or name a folder that `beforehand replay SOURCE --record FOLDER` wrote"
        )
    if wanted.since or wanted.until or wanted.record:
        raise BadWords("a recorded journal is replayed whole: leave out --since, --until and --record")
    files = recorded(place)
    found = Found(sum(_lines(file) for file in files.values()))
    with progress(console, place.name, found.records) as done:
        journals = {partition: _counted(read_journal(file), done) for partition, file in files.items()}
        if wanted.models == "relearn":
            with _told_where(place):
                found.take(relearned(journals, detectors))
            return found
        for partition, records in journals.items():
            with _told_where(files[partition]):
                found.take(played(records, partition, detectors))
    return found


@contextmanager
def _told_where(place: Path) -> Iterator[None]:
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalDamaged(f"{place} holds a record that is no event of ours: record it again") from error


def show(found: Found, detectors: Detectors, seconds: float) -> None:
    """How much was read, how fast, and what was found, by detector."""
    console.print(f"{found.records:,} records in {seconds:.1f} s, {found.records / max(seconds, 1e-9):,.0f}/s")
    table = Table("detector", "opened", "updated", "resolved", "customers", "failed readings", box=None)
    for one in detectors:
        own = [issue for issue in found.issues if issue.detector == one.name]
        changes = Counter(issue.change for issue in own)
        customers = len({issue.customer_id for issue in own})
        counts = (changes["opened"], changes["updated"], changes["resolved"], customers, found.failures[one.name])
        table.add_row(one.name, *(f"{count:,}" for count in counts))
    console.print(table)
    for why, count in found.refused.items():
        console.print(f"not in force, {count:,} times: {why}")


def _check_new(option: str, folder: Path | None) -> None:
    if folder is not None and folder.exists():
        raise BadWords(f"{option} {folder} is there already: name a new folder")
    check_writable(option, folder)


def _counted(records: Iterable[Record], done: Callable[[int], None]) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        yield record
        if number % 1000 == 0:
            done(1000)


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
