"""A dead letter as it lies in its topic, and the id by which a person names it."""

import re
from collections.abc import Sequence

import msgspec

from models.dead_letters import (
    HEADER_DETAIL,
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_STAGE,
    HEADER_TOPIC,
)

LetterId = tuple[int, int]
"""Partition and offset in the dead letters. A topic that is made anew counts from 0 again: see `Letter.at_ms`."""

Headers = Sequence[tuple[str, bytes]]

_OURS = (HEADER_REASON, HEADER_TOPIC, HEADER_PARTITION, HEADER_OFFSET, HEADER_STAGE, HEADER_DETAIL)
_ID = re.compile(r"(\d{1,9})-(\d{1,18})", re.ASCII)
_PLAIN = re.compile(r"[\w.-]{1,249}", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class Letter(msgspec.Struct, frozen=True):
    """One dead letter: where it came from, why it is here, and the original to the byte.

    `at_ms` is when it was set aside (Unix milliseconds, the broker's clock); `headers` are the original's alone.
    """

    id: LetterId
    at_ms: int
    reason: str
    topic: str
    partition: int
    offset: int
    stage: str
    detail: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def name(self) -> str:
        """The id as a person writes it, such as `3-120`."""
        return name_of(self.id)


def name_of(letter: LetterId) -> str:
    """Partition and offset, joined by a hyphen."""
    return f"{letter[0]}-{letter[1]}"


def id_of(name: str) -> LetterId | None:
    """The id of this name, or None when it is none."""
    found = _ID.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else None


def opened(letter: LetterId, at_ms: int, key: bytes | None, value: bytes | None, headers: Headers) -> Letter | None:
    """The letter in a record of the dead letters, or None when it is not one of ours.

    Ours stand last; a header of the same name before them came with the original and stays with it.
    """
    count = len(_OURS)
    last = headers[-count:]
    if tuple(name for name, _ in last) != _OURS:
        return None
    reason, topic, partition, offset, stage, detail = ((text or b"").decode("utf-8", "replace") for _, text in last)
    if not (_PLAIN.fullmatch(topic) and _NUMBER.fullmatch(partition) and _NUMBER.fullmatch(offset)):
        return None
    return Letter(
        id=letter, at_ms=at_ms, reason=_printable(reason), topic=topic, partition=int(partition), offset=int(offset),
        stage=_printable(stage), detail=_printable(detail), key=key, value=value, headers=tuple(headers[:-count]),
    )  # fmt: skip


def _printable(text: str) -> str:
    """Nothing that could move a terminal's cursor."""
    return "".join(char if char.isprintable() else "?" for char in text)
