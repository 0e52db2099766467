"""What is remembered of one customer, and its codec: a short header, and a body that is read at the first touch."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from detectors.clock import NEVER
from detectors.detector import Detector, State
from detectors.episodes import Episode
from models.events.base import Event

RING = 32
"""How many event ids are remembered: a producer's retry within so many events of its customer does nothing."""

_DIGEST = 8
_FORMAT = 1


class Header(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a restart must know of a customer before the first touch: earliest alarm per detector, last event."""

    format: int
    last: float
    dues: dict[str, float]
    open: bool
    body: bytes


class _Part(msgspec.Struct, array_like=True):
    version: int
    state: msgspec.Raw
    alarms: dict[str, float]
    episodes: dict[str, Episode]


class _Body(msgspec.Struct, array_like=True):
    seen: bytes
    parts: dict[str, _Part]


class Part:
    """One detector's memory of the customer. `encoded` is None as soon as the state may differ from it."""

    __slots__ = ("alarms", "encoded", "episodes", "state")

    def __init__(self, state: State, encoded: bytes, alarms: dict[str, float], episodes: dict[str, Episode]) -> None:
        self.state = state
        self.encoded: bytes | None = encoded
        self.alarms = alarms
        self.episodes = episodes


class Customer:
    """A customer in memory. `queued` is the earliest entry in each due heap (by its place), `waits` one to forget."""

    __slots__ = ("last", "parts", "queued", "seen", "waits")

    def __init__(self, clocks: int) -> None:
        self.last = -NEVER
        self.seen = b""
        self.parts: dict[str, Part] = {}
        self.queued = [NEVER] * clocks
        self.waits = False

    def repeats(self, event: Event) -> bool:
        """True when the event's (source, id) is among the last ones; else it is from now on."""
        digest = blake2b(f"{event.source}\x00{event.id}".encode(), digest_size=_DIGEST).digest()
        if digest in self.seen:
            return True
        self.seen = (self.seen + digest)[-RING * _DIGEST :]
        return False

    @property
    def open(self) -> bool:
        """An episode is open."""
        return any(part.episodes for part in self.parts.values())

    @property
    def busy(self) -> bool:
        """An episode is open or an alarm is set: must not be forgotten."""
        return any(part.alarms or part.episodes for part in self.parts.values())


class Codec(NamedTuple):
    """How one detector's states become bytes."""

    version: int
    state: type[State]
    decoder: msgspec.msgpack.Decoder[Any]

    @classmethod
    def of(cls, detector: Detector[Any, Any]) -> "Codec":
        """The codec of a detector's state type."""
        return cls(detector.version, detector.state_type, msgspec.msgpack.Decoder(detector.state_type))

    def part(self) -> Part:
        """An empty memory."""
        state = self.state()
        return Part(state, encode_state(state), {}, {})


def encode_state(state: State) -> bytes:
    """A state as MessagePack."""
    return _ENCODER.encode(state)


def encode(customer: Customer, codecs: Mapping[str, Codec]) -> bytes:
    """The whole record for the state topic."""
    parts = {}
    dues = {}
    for name, part in customer.parts.items():
        if part.encoded is None:
            part.encoded = encode_state(part.state)
        parts[name] = _Part(codecs[name].version, msgspec.Raw(part.encoded), part.alarms, part.episodes)
        if part.alarms:
            dues[name] = min(part.alarms.values())
    body = _ENCODER.encode(_Body(customer.seen, parts))
    return _ENCODER.encode(Header(_FORMAT, customer.last, dues, customer.open, body))


def decode_header(value: bytes) -> Header:
    """Read what a restart needs. Raises `ValueError` when another program version wrote it."""
    header = _HEADER.decode(value)
    if header.format != _FORMAT:
        raise ValueError(f"customer state has format {header.format}, this version reads {_FORMAT}: replay the journal")
    return header


def decode(value: bytes, codecs: Mapping[str, Codec], clocks: int) -> Customer:
    """Read the whole record. Detectors that are no more, or have another state version, start anew."""
    header = decode_header(value)
    body = _BODY.decode(header.body)
    customer = Customer(clocks)
    customer.last, customer.seen = header.last, body.seen
    for name, part in body.parts.items():
        codec = codecs.get(name)
        if codec is not None and codec.version == part.version:
            raw = bytes(part.state)
            customer.parts[name] = Part(codec.decoder.decode(raw), raw, part.alarms, part.episodes)
    return customer


_ENCODER = msgspec.msgpack.Encoder()
_HEADER = msgspec.msgpack.Decoder(Header)
_BODY = msgspec.msgpack.Decoder(_Body)
