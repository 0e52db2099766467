"""Messages about identities as records: who writes them, and where they go."""

import msgspec

from models.events.base import Event
from models.events.catalogue import encode
from models.events.order_placed import OrderPlaced
from models.identities.messages import Awaiting, Linked, Original, encode_message
from models.mapping.engine import Link
from models.partitions import partition_of
from streams.step import Output, Record
from streams.topics import IDENTITIES

ORDER = "order:"


def link_of(event: Event) -> Linked | None:
    """What an event that names its customer says of an identity: whose order it is."""
    if type(event) is not OrderPlaced:
        return None
    return Linked(ORDER + event.data.order_id, event.subject)


def linked(link: Linked | Link, partitions: int) -> Output:
    """The record that says who an identity is."""
    message = Linked(link.identity, link.to, link.known)
    return _record(link.identity, encode_message(message), partitions)


def awaiting(event: Event, record: Record, place: tuple[str, int], partitions: int) -> Output:
    """The record that asks whose an event is; `record` of `place` is what it was made of."""
    original = Original(*place, record.offset, record.value, record.key, list(record.headers))
    return asked(Awaiting(msgspec.Raw(encode(event)), original, [event.subject]), partitions)


def asked(message: Awaiting, partitions: int) -> Output:
    """The record that asks of `message.identity`."""
    return _record(message.identity, encode_message(message), partitions)


def _record(identity: str, value: bytes, partitions: int) -> Output:
    return IDENTITIES, partition_of(identity, partitions), identity.encode(), value, ()
