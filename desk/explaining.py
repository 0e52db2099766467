"""How a customer's trouble came about: the events, readings and issues of a recorded journal, in their order."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from desk.journal_file import JournalDamaged, read_journal
from detectors.catalogue import all_detectors, watchers
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.catalogue import decode
from models.issues import Issue
from models.partitions import partition_of
from models.signals import Signal

SHOWN = ("order_id", "step", "promised_by", "by", "succeeded", "via", "contact_id", "metric", "score")
"""Members of an event that say what happened; nothing else of it is shown."""
MOST_FEATURES = 4


class Moment(msgspec.Struct, frozen=True):
    """One line: when, what sort (event, reading, issue), and in words. `thing` is what it is about, where known."""

    at: datetime
    sort: str
    words: str
    thing: str = ""


class Told(msgspec.Struct, frozen=True):
    """The moments of one customer and the issues among them."""

    customer_id: str
    moments: list[Moment]
    issues: list[Issue]


def explain(files: Mapping[int, Path], key: str) -> list[Told]:
    """Of the customer or the issue named `key` (an issue's id, or its first 8 characters and more).

    Reads the partition that holds the customer, or all when there is no such customer. Nothing found: an empty list.
    Raises JournalDamaged.
    """
    whole = set(files) == set(range(len(files)))
    for number in [partition_of(key, len(files))] if whole else list(files):
        if (found := _customer(files[number], number, key)).moments:
            return [found]
    owners = {(number, issue.customer_id) for number, file in files.items() for issue in _issues(file, number, key)}
    return [_customer(files[number], number, customer) for number, customer in sorted(owners)]


def is_issue(issue_id: str, key: str) -> bool:
    """Whether `key` names the issue."""
    return issue_id == key or (len(key) >= 8 and issue_id.startswith(key))


def event_words(event: Event) -> str:
    """The type, and those members that say what happened."""
    data = getattr(event, "data", None)
    members = [f"{name} {_plain(getattr(data, name))}" for name in SHOWN if getattr(data, name, "") not in ("", None)]
    return ", ".join([event.type_name(), *members])


def _customer(file: Path, partition: int, customer: str) -> Told:
    moments: list[Moment] = []
    issues: list[Issue] = []
    for event, signals, changed in _run(file, partition):
        if event.subject == customer:
            thing = str(getattr(getattr(event, "data", None), "order_id", ""))
            moments.append(Moment(event.time, "event", event_words(event), thing))
        moments += [_reading(signal) for signal in signals if signal.customer_id == customer]
        for issue in changed:
            if issue.customer_id == customer:
                issues.append(issue)
                moments.append(Moment(issue.at, "issue", _issue_words(issue), issue.object))
    return Told(customer, moments, issues)


def _issues(file: Path, partition: int, key: str) -> Iterator[Issue]:
    return (issue for _, _, changed in _run(file, partition) for issue in changed if is_issue(issue.issue_id, key))


def _run(file: Path, partition: int) -> Iterator[tuple[Event, list[Signal], list[Issue]]]:
    pipeline = Pipeline([*all_detectors(), *watchers()], partition, keep_signals=True)
    for offset, raw in read_journal(file):
        try:
            event = decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise JournalDamaged(f"{file}: offset {offset} is no event of ours: record the journal again") from error
        pipeline.apply(event, offset)
        outputs = pipeline.drain()
        yield event, outputs.signals, outputs.issues


def _reading(signal: Signal) -> Moment:
    largest = sorted(signal.features.items(), key=lambda part: -abs(part[1]))[:MOST_FEATURES]
    because = ", ".join(f"{name} {value:.3g}" for name, value in largest if value)
    words = f"{signal.detector} at {signal.look!r}: P {signal.probability:.3f}{'' if signal.warm else ', not warm'}"
    return Moment(signal.at, "reading", f"{words}{f' ({because})' if because else ''}", signal.object)


def _issue_words(issue: Issue) -> str:
    words = f"{issue.detector} {issue.change}, {issue.severity}, P {issue.probability:.3f}, {issue.issue_id}"
    return f"{words}: expected {issue.evidence.expected}; {issue.evidence.actual}"


def _plain(value: Any) -> str:
    return f"{value:%F %H:%M}" if isinstance(value, datetime) else str(value)
