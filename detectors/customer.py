"""What is remembered of one customer: one record of bytes at rest, read in parts while an event is taken in.

Bytes, because the many small objects of thousands of customers lie far apart in memory: to read a record and write it
again takes less time than to walk over the objects that it would be, and it needs a tenth of the room.
"""

from base64 import b64encode
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Raw
from msgspec.msgpack import Decoder

from detectors.clock import NEVER
from detectors.detector import Detector, State
from detectors.episodes import Episode
from models.events.base import Event

RING = 32
"""How many event ids are remembered: a producer's retry within so many events of its customer does nothing."""

S = TypeVar("S", bound=State)

_DIGEST = 8
_FORMAT = 3


class Part(msgspec.Struct, Generic[S], array_like=True, gc=False):
    """One detector's memory of the customer."""

    state: S
    alarms: dict[str, float]
    episodes: dict[str, Episode]


class Customer(msgspec.Struct, array_like=True, gc=False):
    """The whole record. Detectors are named with the version of their state, by `key_of`.

    `dues` holds each detector's earliest alarm, `open` those with an open episode, `seen` the digests of the last
    events. Parts are read by a `Codec`, and only when their detector is asked. `zone` is where their wall clock is.
    """

    format: int = _FORMAT
    last: float = -NEVER
    dues: dict[str, float] = {}
    open: list[str] = []
    seen: bytes = b""
    parts: dict[str, Raw] = {}
    zone: str = ""

    def repeats(self, event: Event) -> bool:
        """True when the event's (source, id) is among the last ones; else it is from now on."""
        digest, seen = blake2b(f"{event.source}\x00{event.id}".encode(), digest_size=_DIGEST).digest(), self.seen
        if digest in seen:
            return True
        self.seen = (seen + digest)[-RING * _DIGEST :]
        return False

    @property
    def busy(self) -> bool:
        """An episode is open or an alarm is set: must not be forgotten."""
        return bool(self.dues or self.open)

    def drop(self, key: str) -> None:
        """Forget what one detector knew."""
        self.parts.pop(key, None)
        self.dues.pop(key, None)
        if key in self.open:
            self.open.remove(key)

    def put(self, key: str, part: Part[Any]) -> float:
        """Take a detector's changed part over into the record. Its earliest alarm, or `NEVER`."""
        self.parts[key] = cast(Raw, part)  # `encode` makes bytes of it, together with the rest
        if part.episodes:
            if key not in self.open:
                self.open.append(key)
        elif self.open and key in self.open:
            self.open.remove(key)
        alarms = part.alarms
        if alarms:
            due = self.dues[key] = min(alarms.values())
            return due
        self.dues.pop(key, None)
        return NEVER


def key_of(name: str, version: int) -> str:
    """A detector's place in a record: four signs instead of its name, which would stand there up to three times."""
    return b64encode(blake2b(f"{name}/{version}".encode(), digest_size=3).digest()).decode()


class Codec(Generic[S]):
    """How one detector's part becomes bytes and is read again. `key` is its place in a record.

    A part with the state `blank`, without alarms and episodes, says no more than none: it need not be remembered.
    """

    __slots__ = ("_decode", "_state", "blank", "key")

    def __init__(self, detector: Detector[Any, S]) -> None:
        self.key = key_of(detector.name, detector.version)
        generic: Any = Part
        self._state: Any = detector.state_type
        self.blank: State = self._state()
        decoder: Decoder[Part[S]] = Decoder(generic[self._state])
        self._decode = decoder.decode

    def part(self, raw: Raw | None) -> Part[S]:
        """A part as it lies in a record; without any, a new one."""
        return self._decode(raw) if raw is not None else Part(self._state(), {}, {})


def encode_part(part: Part[Any]) -> Raw:
    """As it lies in a record."""
    return Raw(msgspec.msgpack.encode(part))


def decode(value: bytes) -> Customer:
    """Read a record, its parts left as they are. Raises `ValueError` when another program version wrote it."""
    customer = decode_own(value)
    if customer.format != _FORMAT:
        raise ValueError(
            f"customer state has format {customer.format}, this version reads {_FORMAT}: replay the journal"
        )
    return customer


_DECODER = Decoder(Customer)

encode: Callable[[Customer], bytes] = msgspec.msgpack.Encoder().encode
"""The record for memory and for the state topic."""

decode_own: Callable[[bytes], Customer] = _DECODER.decode
"""Read what `encode` gave in this process: its format is known."""
