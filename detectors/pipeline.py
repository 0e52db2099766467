"""Event in, issues out: one journal partition, a pure function of its sequence of records."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from detectors import verdicts
from detectors.clock import NEVER, Watermarks
from detectors.customer import Customer
from detectors.detector import Detector
from detectors.due_heap import DueHeap
from detectors.knowledge import Knowledge
from detectors.learning.snapshot import SnapshotError
from detectors.memory import Memory, is_customer
from detectors.outputs import Outputs
from detectors.peers import Peers
from detectors.readings import Censor
from detectors.recorder import Recorder
from detectors.seat import Seat
from models.events.base import Event
from models.events.cause_changed import CauseChanged
from models.events.context_updated import ContextUpdated
from models.events.customer_told import CustomerTold
from models.events.model_updated import ModelUpdated
from models.events.parameters_updated import ParametersUpdated
from models.events.profile_changed import ProfileChanged
from models.events.tick import Tick
from models.events.verdict_given import VerdictGiven
from models.unread import UnreadContext

FORGET_AFTER_S = 60 * 86_400.0
"""A customer with nothing due and nothing open is forgotten after so much clock time, and so is a silent entity."""

DAY_S = 86_400.0

Listener = tuple[Seat, bool]
"""Who is shown an event of a type; False: only when it remembers something of the customer."""

_CLOCK = b"\x00clock"
_CONTEXT = b"\x00ctx:"
_CAUSES = b"\x00causes"
PARAMETERS = b"\x00parameters:"
_MODEL = b"\x00model:"


class _Clock:
    """The slowest partition of some source topics, as last read: the time of the detectors that name them."""

    __slots__ = ("at", "topics")

    def __init__(self, topics: tuple[str, ...]) -> None:
        self.topics = topics
        self.at = -NEVER


class Pipeline:
    """All detectors on one journal partition.

    `apply` is synchronous and never raises for a detector's bug. What comes out depends on nothing but the records in
    their order: not on how they are cut into batches, nor on states having been written and read back in between.
    With `keep_signals` every reading is handed out, too.
    """

    def __init__(
        self,
        detectors: Sequence[Detector[Any, Any]],
        partition: int,
        *,
        keep_signals: bool = False,
        forget_after_s: float = FORGET_AFTER_S,
        peers: Peers = "shrunk",
    ) -> None:
        ordered = sorted(detectors, key=lambda detector: detector.name)
        self._clocks = {topics: _Clock(topics) for topics in {detector.clock for detector in ordered}}
        self._knowledge = Knowledge(peers)
        self._recorder = Recorder(partition, self._knowledge, keep_signals=keep_signals)
        self._seats = {d.name: Seat(d, self._recorder) for d in ordered}
        self._memory = Memory((seat.key for seat in self._seats.values()), forget_after_s)
        self._marks = Watermarks()
        self._slowest_at = -NEVER
        self._timed_by = {topic: self._timed(topic) for topics in self._clocks for topic in topics}
        self._forget_after_s = forget_after_s
        self._settings: dict[str, str] = {}
        self._changed: dict[bytes, None] = {}
        self._takes: dict[type[Event], Callable[[Any, int], None]] = {
            Tick: self._tick,
            ContextUpdated: self._context,
            UnreadContext: self._context,
            CauseChanged: self._cause,
            ParametersUpdated: self._parameters,
            ModelUpdated: self._model,
            VerdictGiven: self._verdict,
            CustomerTold: self._told,
        }
        for event_type, listeners in _listeners(list(self._seats.values())).items():
            self._takes[event_type] = partial(self._listen, listeners)

    def load(self, key: bytes, value: bytes) -> None:
        """Restore one state record. Raises `ValueError` or `msgspec.DecodeError` when it is not one of ours."""
        if is_customer(key):
            self._memory.load(key, value)
        elif key == _CLOCK:
            self._marks.load(value)
            self._slowest_at = self._read(self._clocks.values())
        elif key == _CAUSES:
            self._knowledge.load_causes(value)
        elif key.startswith(_CONTEXT):
            self._knowledge.load(key[len(_CONTEXT) :].decode(), value)
            self._lean(key[len(_CONTEXT) :].decode())
        elif key.startswith(PARAMETERS):
            self._restore(key[len(PARAMETERS) :].decode(), value.decode())
        elif key.startswith(_MODEL):
            with suppress(SnapshotError):  # of a version that this one does not read: as if it were not yet learned
                self._knowledge.load_model(value)

    def apply(self, event: Event, offset: int) -> None:
        """Take in the record at `offset`. Types that no detector listens to do nothing."""
        take = self._takes.get(type(event))
        if take is not None:
            take(event, offset)

    def known_keys(self) -> list[bytes]:
        """The keys of all states there are, to be forgotten with the pipeline."""
        entities, models = self._knowledge.names()
        own = [_CLOCK, *(PARAMETERS + name.encode() for name in self._settings)]
        own += [*(_CONTEXT + one.encode() for one in entities), *(_MODEL + one.encode() for one in models)]
        return [*own, *self._memory.keys()]

    def bars(self) -> dict[str, tuple[float, float]]:
        """By detector: from which probability on it speaks by its parameters, and after all verdicts."""
        return {name: (seat.detector.params.open_at, seat.bar) for name, seat in self._seats.items()}

    def watermarks(self) -> dict[str, float]:
        """How far each source has been read, in seconds since 1970; 0: not known yet."""
        return self._marks.told()

    def drain(self) -> Outputs:
        """What happened since the last drain, and every touched state as bytes."""
        outputs = self._recorder.take()
        self._changed |= {_CONTEXT + one.name.encode(): None for one in outputs.refused if one.said is not None}
        outputs.states = self._memory.drain()
        outputs.states += [(key, self._encode(key)) for key in self._changed]
        self._changed.clear()
        return outputs

    def _listen(self, listeners: list[Listener], event: Event, offset: int) -> None:
        memory, customer_id = self._memory, event.subject
        customer = memory.find(customer_id) or Customer()
        if customer.repeats(event):
            return
        now = event.time.timestamp()
        if now > customer.last:
            customer.last = now
        if type(event) is ProfileChanged and event.data.zone:
            customer.zone = event.data.zone
        self._recorder.begin(offset, customer_id, now, customer.zone)
        parts, dues = customer.parts, customer.dues
        for seat, may_begin in listeners:
            key = seat.key
            if not may_begin and key not in parts:
                continue
            former = dues.get(key, NEVER)
            due = seat.observe(customer, event)
            if due == former:
                continue
            if due == NEVER:
                memory.dues[key].drop(customer_id)
            else:
                memory.dues[key].set(customer_id, due)
        memory.keep(customer_id, customer)

    def _tick(self, tick: Tick, offset: int) -> None:
        timed = self._timed_by.get(tick.data.source_topic)
        if timed is None:  # no detector's time hangs on this source
            return
        self._changed[_CLOCK] = None
        if not self._marks.advance(tick):
            return
        clocks, wakeful = timed
        former = self._slowest_at
        self._recorder.begin(offset, "", former)
        now = self._slowest_at = self._read(clocks)
        for seat, dues, clock in wakeful:
            if dues.next_at <= clock.at:  # most ticks wake nobody of most detectors
                self._fire(seat, dues, clock.at)
        self._memory.forget(now)
        if now > former and now // DAY_S != former // DAY_S:  # once a day is enough
            for entity in self._knowledge.forget(now - self._forget_after_s):
                self._changed[_CONTEXT + entity.encode()] = None

    def _timed(self, topic: str) -> tuple[list[_Clock], list[tuple[Seat, DueHeap, _Clock]]]:
        """The clocks that hang on a source, and whose time that is."""
        seats = [seat for seat in self._seats.values() if topic in seat.detector.clock]
        clocks = self._clocks
        wakeful = [(seat, self._memory.dues[seat.key], clocks[seat.detector.clock]) for seat in seats]
        return [clock for topics, clock in clocks.items() if topic in topics], wakeful

    def _read(self, moved: Iterable[_Clock]) -> float:
        for clock in moved:  # the slowest of all
            clock.at = self._marks.clock(clock.topics)
        return min([clock.at for clock in self._clocks.values()], default=-NEVER)

    def _fire(self, seat: Seat, dues: DueHeap, now: float) -> None:
        memory = self._memory
        while (entry := dues.pop(now)) is not None:
            due, customer_id = entry
            customer = memory.find(customer_id)
            if customer is None:
                continue
            self._recorder.turn_to(customer_id, now, customer.zone)
            following = seat.wake(customer, due)
            if following != NEVER:
                dues.set(customer_id, following)
            memory.keep(customer_id, customer)

    def _context(self, event: ContextUpdated | UnreadContext, offset: int) -> None:
        self._knowledge.put(event, offset)
        self._changed[_CONTEXT + event.subject.encode()] = None
        self._lean(event.subject)

    def _lean(self, entity: str) -> None:
        """Move a detector's bar as far as the verdicts on it want it."""
        if (seat := self._seats.get(verdicts.detector_of(entity))) is not None:
            seat.lean(verdicts.shift(self._knowledge.known(entity)))

    def _verdict(self, event: VerdictGiven, offset: int) -> None:
        """Pass it on to those who learn; a producer's retry says nothing new."""
        seat, customer = self._seats.get(event.data.detector), self._memory.find(event.subject) or Customer()
        if customer.repeats(event) or seat is None:
            return
        now = event.time.timestamp()
        customer.last = max(customer.last, now)
        self._recorder.begin(offset, event.subject, now)
        self._recorder.record(seat.name, [], [], verdicts.observations(event))
        self._recorder.teach([verdicts.label(event, one.model) for one in seat.detector.learns if one.by_verdict])
        self._memory.keep(event.subject, customer)

    def _told(self, event: CustomerTold, offset: int) -> None:
        """Pass it on to those who learn; the same word twice says no more than once, so no id is kept."""
        self._recorder.begin(offset, event.subject, event.time.timestamp())
        lessons = sorted({one.model for seat in self._seats.values() for one in seat.detector.learns if one.censored})
        self._recorder.teach([Censor(model, event.data.object) for model in lessons])

    def _cause(self, event: CauseChanged, _offset: int) -> None:
        self._knowledge.put_cause(event)
        self._changed[_CAUSES] = None

    def _parameters(self, event: ParametersUpdated, offset: int) -> None:
        name = event.data.detector
        if name not in self._seats:
            return
        self._recorder.begin(offset, "", event.time.timestamp())
        try:
            self._set(name, event.data.parameters)
        except Exception as error:
            self._recorder.refuse_parameters(name, error)
        else:
            self._changed[PARAMETERS + name.encode()] = None

    def _model(self, event: ModelUpdated, offset: int) -> None:
        self._recorder.begin(offset, "", event.time.timestamp())
        try:
            self._knowledge.put_model(event)
        except SnapshotError as error:
            self._recorder.refuse_model(event.subject, str(error))
        else:
            self._changed[_MODEL + event.subject.encode()] = None

    def _restore(self, name: str, parameters: str) -> None:
        """Parameters that this version does not accept any more: the shipped ones hold, as they would in a replay."""
        if name in self._seats:
            with suppress(Exception):
                self._set(name, parameters)

    def _set(self, name: str, parameters: str) -> None:
        self._seats[name].set(parameters)
        self._settings[name] = parameters

    def _encode(self, key: bytes) -> bytes | None:
        if key == _CLOCK:
            return self._marks.encode()
        if key == _CAUSES:
            return self._knowledge.encode_causes()
        if key.startswith(_CONTEXT):
            return self._knowledge.encode(key[len(_CONTEXT) :].decode())
        if key.startswith(_MODEL):
            return self._knowledge.encode_model(key[len(_MODEL) :].decode())
        return self._settings[key[len(PARAMETERS) :].decode()].encode()


def _listeners(seats: Sequence[Seat]) -> dict[type[Event], list[Listener]]:
    """By type of event. A profile is always taken in: it says where the customer's wall clock is."""
    found: dict[type[Event], list[Listener]] = {ProfileChanged: []}
    for seat in seats:
        begins_with = seat.detector.begins_with
        for event_type in seat.detector.listens_to:
            found.setdefault(event_type, []).append((seat, not begins_with or event_type in begins_with))
    return found
