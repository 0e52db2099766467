"""What the journal has said so far about entities: the reader's side of context."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from detectors.entities import entity_id
from detectors.learning.snapshot import Snapshot, decode
from detectors.outputs import Refused
from detectors.peers import Peers
from models.dead_letters import Reason
from models.events.cause_changed import CauseChanged, CauseChangedData
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum
from models.events.model_updated import ModelUpdated
from models.unread import UnreadContext


class Known:
    """The newest word on one entity, true as of `at` (seconds since 1970). It is read when it is first asked for.

    One that turns out to be none is noted in `refused`, once, and says nothing.
    """

    __slots__ = ("_refused", "_said", "at", "entity", "memo", "offset")

    def __init__(
        self, entity: str, at: float, said: ContextUpdatedData | bytes, offset: int, refused: list[Refused]
    ) -> None:
        self.entity, self.at, self.offset = entity, at, offset
        self._said, self._refused = said, refused
        self.memo: dict[Any, Any] = {}
        """Readers keep here what they derived from this word; it is gone with it, and never written."""

    @property
    def data(self) -> ContextUpdatedData:
        """What is known."""
        said = self._said
        return self._read(said) if isinstance(said, bytes) else said

    def encode(self) -> bytes:
        """For the state topic: as it was written, where nobody has read it yet."""
        return _ENCODER.encode((self.at, self._said, self.offset))

    def _read(self, said: bytes) -> ContextUpdatedData:
        try:
            read = _DATA.decode(said)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            why = type(error).__name__
            self._refused.append(Refused(self.entity, self.offset, why, Reason.BAD_JOURNAL_RECORD, said))
            read = ContextUpdatedData()
        self._said = read
        return read


class _Kept(msgspec.Struct, array_like=True):
    """`Known` as it lies in the state topic."""

    at: float
    said: ContextUpdatedData | bytes
    offset: int = -1


class Learned(msgspec.Struct, frozen=True):
    """The newest snapshot of a model. `shadowed`: it has drifted, and new issues that rest on it are not told."""

    snapshot: Snapshot
    version: int
    examples: int
    shadowed: bool


class OpenCause(msgspec.Struct, array_like=True):
    """The newest word on a cause that is open; `cause_id` is the same for all its changes."""

    cause_id: str
    at: float
    data: CauseChangedData

    @property
    def lift(self) -> float:
        """The odds of going badly under the cause, against those expected; at least 1."""
        rate, expected = (min(max(one, 0.001), 0.999) for one in (self.data.rate, self.data.expected))
        return max(1.0, rate / (1.0 - rate) * (1.0 - expected) / expected)


class Knowledge:
    """Entities by id. Sums fade between their update and the instant they are read at; a read never changes them.

    `peers` is always `shrunk`, but where a bench measures what that is worth (`bench/cold_start.py`).
    """

    def __init__(self, peers: Peers = "shrunk") -> None:
        self.peers = peers
        self._known: dict[str, Known] = {}
        self._refused: list[Refused] = []
        self._models: dict[str, Learned] = {}
        self._told: dict[str, ModelUpdated] = {}
        self.known: Callable[[str], Known | None] = self._known.get
        """The newest word on an entity, or None when nothing was ever said."""
        self._causes: dict[tuple[str, str], OpenCause] = {}

    def put_cause(self, event: CauseChanged) -> None:
        """Take in the newest word on a cause; a closed one is forgotten."""
        place = (event.data.family, shared(event.data.entities))
        if event.data.change != "closed":
            self._causes[place] = OpenCause(event.subject, event.time.timestamp(), event.data)
        elif place in self._causes and self._causes[place].cause_id == event.subject:
            del self._causes[place]

    def cause(self, family: str, entities: Mapping[str, str], now: float) -> OpenCause | None:
        """Of the open causes that hold these entities the one that makes most of a difference."""
        if not self._causes:
            return None
        places = [("", ""), *entities.items()]
        found = [self._causes.get((family, entity_id(kind, name) if kind else "")) for kind, name in places]
        standing = (one for one in found if one is not None and now <= one.data.stands_until.timestamp())
        return max(standing, key=lambda one: (one.lift, one.cause_id), default=None)

    def open_causes(self) -> list[OpenCause]:
        """All of them, by what they are about."""
        return [self._causes[place] for place in sorted(self._causes)]

    def encode_causes(self) -> bytes:
        """All open causes, as bytes for the state topic."""
        return _ENCODER.encode(self.open_causes())

    def load_causes(self, value: bytes) -> None:
        """Take back what `encode_causes` gave."""
        self._causes = {(one.data.family, shared(one.data.entities)): one for one in _CAUSES.decode(value)}

    def put(self, event: ContextUpdated | UnreadContext, offset: int = -1) -> None:
        """Take in the newest word, of this place in the journal; it replaces the former one of the same entity."""
        said = bytes(event.data) if isinstance(event, UnreadContext) else event.data
        entity = event.subject
        self._known[entity] = Known(entity, event.time.timestamp(), said, offset, self._refused)

    def put_model(self, event: ModelUpdated) -> None:
        """Take in a snapshot; it replaces the former one. Raises `SnapshotError`; the former one then stays."""
        data = event.data
        snapshot = decode(data.body, data.digest, data.layout)
        self._models[event.subject] = Learned(snapshot, data.version, data.examples, data.shadowed)
        self._told[event.subject] = event

    def model(self, name: str) -> Learned | None:
        """The newest snapshot of a model, or None when nothing has been learned yet."""
        return self._models.get(name)

    def encode_model(self, name: str) -> bytes:
        """A snapshot as bytes for the state topic."""
        return _ENCODER.encode(self._told[name])

    def load_model(self, value: bytes) -> None:
        """Take back what `encode_model` gave. Raises `SnapshotError` when this version cannot read it."""
        self.put_model(_MODEL_DECODER.decode(value))

    def names(self) -> tuple[list[str], list[str]]:
        """Entities and models that something is known of."""
        return list(self._known), list(self._models)

    def forget(self, before: float) -> list[str]:
        """Forget every entity of which nothing was said since; their ids."""
        gone = sorted([entity for entity, known in self._known.items() if known.at < before])
        for entity in gone:
            del self._known[entity]
        return gone

    def take_refused(self) -> list[Refused]:
        """The words that were read since the last call and were none."""
        taken = self._refused.copy()
        self._refused.clear()
        return taken

    def encode(self, entity: str) -> bytes | None:
        """What is known of an entity, as bytes for the state topic; None when it was forgotten."""
        known = self._known.get(entity)
        return None if known is None else known.encode()

    def load(self, entity: str, value: bytes) -> None:
        """Take back what `encode` gave."""
        kept = _DECODER.decode(value)
        self._known[entity] = Known(entity, kept.at, kept.said, kept.offset, self._refused)


def shared(entities: Mapping[str, str]) -> str:
    """The entity that a cause is about; empty: all of its family."""
    return next((entity_id(kind, name) for kind, name in entities.items()), "")


def fade(fading: FadingSum, elapsed_s: float) -> float:
    """What is left of a sum after so long: 1 at once, a half after its half-life, never more than 1."""
    if elapsed_s <= 0.0 or fading.half_life_s <= 0.0:
        return 1.0
    left: float = 0.5 ** (elapsed_s / fading.half_life_s)
    return left


def shrunk(weight: float, total: float, prior: float, strength: float) -> float:
    """A share under a Beta prior worth `strength` cases: with nothing seen it is the prior."""
    return (total + strength * prior) / (weight + strength)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Kept)
_DATA = msgspec.json.Decoder(ContextUpdatedData)
_MODEL_DECODER = msgspec.msgpack.Decoder(ModelUpdated)
_CAUSES = msgspec.msgpack.Decoder(list[OpenCause])
