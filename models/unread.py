"""The journal as detection reads it: a word of context stays unread until somebody wants to know it.

Of the records that context writes most are replaced by the next one before anybody has looked at them, and reading
them is most of what reading a journal costs.
"""

import types
from collections.abc import Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

import msgspec

from models.events.base import Event
from models.events.catalogue import event_types
from models.events.context_updated import ContextUpdated


class UnreadContext(Event, frozen=True, tag=ContextUpdated.type_name()):
    """`ContextUpdated` with its data as it was written: JSON, but of what shape is not known yet."""

    data: msgspec.Raw


def decode_journal(raws: Sequence[bytes]) -> list[Event]:
    """As `decode_many`, with words of context unread."""
    return _many().decode(str(b"[" + b",".join(raws) + b"]", "utf-8"))


def decode_journal_record(raw: bytes) -> Event:
    """As `decode`, with a word of context unread."""
    return _one().decode(str(raw, "utf-8"))


@cache
def _one() -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(_union())


@cache
def _many() -> msgspec.json.Decoder[list[Event]]:
    return msgspec.json.Decoder(types.GenericAlias(list, (_union(),)))


def _union() -> Any:
    read = [one for one in event_types().values() if one is not ContextUpdated]
    return reduce(or_, [*read, UnreadContext])
