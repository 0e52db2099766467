"""The journal as detection reads it: a word of context stays unread until somebody wants to know it.

Of the records that context writes most are replaced by the next one before anybody has looked at them, and reading
them is most of what reading a journal costs.
"""

from functools import cache

import msgspec

from models.events.base import Event
from models.events.catalogue import EventReader, event_types
from models.events.context_updated import ContextUpdated


class UnreadContext(Event, frozen=True, tag=ContextUpdated.type_name()):
    """`ContextUpdated` with its data as it was written: JSON, but of what shape is not known yet."""

    data: msgspec.Raw


@cache
def journal_reader() -> EventReader:
    """Of all types, with words of context unread."""
    return EventReader([*(one for one in event_types().values() if one is not ContextUpdated), UnreadContext])
