"""Records as a reader hands them over, without a broker."""

from collections.abc import Sequence

import msgspec

from ledger import positions
from ledger.database import Ledger
from models.events.base import Event
from models.events.catalogue import encode
from models.issues import Issue, encode_issue
from streams.reader import Fetched
from streams.step import Headers
from streams.topics import ADDRESSES, ISSUES, JOURNAL


class Read(msgspec.Struct, frozen=True):
    """One record."""

    value: bytes | None
    offset: int
    key: bytes | None = None
    timestamp: int = 0
    headers: Headers = ()


def read(topic: str, partition: int, start: int, values: Sequence[bytes | Event | Issue | None]) -> Fetched:
    """The records from offset `start` on, one after the other."""
    records = [Read(_bytes(value), start + number, b"c") for number, value in enumerate(values)]
    return Fetched((topic, partition), records, start, start + len(records))


def begin(ledger: Ledger, partitions: int = 1) -> None:
    """Both readers stand at the beginning of everything."""
    with ledger.write() as connection:
        for reader, topics in (("remember", (JOURNAL, ADDRESSES)), ("decide", (ISSUES,))):
            positions.begin(connection, reader, {(topic, p): 0 for topic in topics for p in range(partitions)})


def _bytes(value: bytes | Event | Issue | None) -> bytes | None:
    if isinstance(value, Event):
        return encode(value)
    return encode_issue(value) if isinstance(value, Issue) else value
