"""Bytes that our own roles wrote, as events: all at once, and one by one when one of them is bad."""

from collections.abc import Iterator, Sequence

import msgspec

from models.events.base import Event
from models.events.catalogue import EventReader
from streams.step import Record

NEAR = 128
"""So many events are decoded at once: more leave the processor's cache before they are worked on (a sixth slower)."""


def in_pieces(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """A fetch, in pieces of `NEAR`."""
    for start in range(0, len(records), NEAR):
        yield records[start : start + NEAR]


def decoded(records: Sequence[Record], read: EventReader) -> list[Event] | None:
    """The events of a whole batch, or None when any record is not exactly one event."""
    try:
        events = read.decode_many([record.value for record in records])  # type: ignore[misc]  # None raises TypeError
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError):
        return None
    return events if len(events) == len(records) else None


def one_by_one(
    records: Sequence[Record], read: EventReader
) -> tuple[list[Record], list[Event], list[tuple[Record, str]]]:
    """The good records, their events, and the bad ones, each with the class of its error."""
    good: list[Record] = []
    events: list[Event] = []
    bad: list[tuple[Record, str]] = []
    for record in records:
        try:
            event = read.decode(record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            bad.append((record, type(error).__name__))
        else:
            good.append(record)
            events.append(event)
    return good, events, bad
