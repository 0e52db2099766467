"""Events that name no customer in, events of customers out: the table of identities, partition by partition."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from detectors.clock import Watermarks
from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import decode, encode
from models.events.tick import Tick
from models.identities.messages import Awaiting, Linked, Message, Original, decode_message
from models.identities.table import Answer, Bounds, Found, Identities
from streams.admitting import admitted
from streams.clock import BusinessClock
from streams.dead_letters import dead_letter, foreign_letter
from streams.identities import ORDER, asked
from streams.lanes import Lane, lanes
from streams.mappings import mappings_of
from streams.settings import Settings, SettingsError
from streams.step import Output, Progress, Record, Role, Writes
from streams.ticks import tick_of
from streams.topics import DEAD_LETTERS, IDENTITIES, JOURNAL, OBSERVATIONS

CLOCK_KEY = b"\x00clock"


def identify(settings: Settings) -> Role:
    """The role: one step per partition of the identities. Raises `MappingWrong`, `SettingsError` without a mapping."""
    clock, mappings = BusinessClock(settings.clock_file), mappings_of(settings)
    if not mappings:
        raise SettingsError("BEFOREHAND_MAPPINGS: nothing is mapped, so identify has no work: do not start it")
    placed = lanes(settings.partitions, mappings.values())
    bounds = Bounds(timedelta(seconds=settings.identity_wait_s), settings.identity_waiting)

    def step(_topic: str, partition: int) -> IdentifyStep:
        return IdentifyStep(partition, settings.partitions, placed, Identities(bounds), clock.now)

    return Role("identify", (IDENTITIES,), step, outputs=(JOURNAL, OBSERVATIONS, IDENTITIES, DEAD_LETTERS))


class IdentifyStep:
    """One partition of the identities. State: the table, and how far the topics have been read that come through here.

    A tick goes on when every partition of its topic has told: behind everything that it vouches for.
    """

    def __init__(
        self,
        partition: int,
        partitions: int,
        placed: dict[str, list[Lane]],
        identities: Identities,
        now: Callable[[], datetime],
    ) -> None:
        self._place = (IDENTITIES, partition)
        self._partitions = partitions
        self._lanes = placed
        self._identities = identities
        self._now = now
        self._marks = Watermarks()
        self._moved: dict[str, None] = {}
        self._heard = False
        self._outputs: list[Output] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one piece of state."""
        if key == CLOCK_KEY:
            self._marks.load(value)
        else:
            self._identities.load(key, value)

    def apply(self, records: Sequence[Record]) -> None:
        """Links, questions and ticks, in order."""
        now = self._now()
        for record in records:
            try:
                message = decode_message(record.value or b"")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                detail = type(error).__name__
                letter = dead_letter(record, self._place, "identify", Reason.BAD_JOURNAL_RECORD, detail)
                self._outputs.append(letter)
            else:
                self._take(message, now)

    def drain(self, _progress: Progress, /) -> Writes:
        """What is known by now, what has waited too long, and last how far the topics have been read."""
        for answer in self._identities.expire(self._now()):
            self._settle(answer)
        for topic in self._moved:
            self._tick(topic)
        self._moved.clear()
        outputs, self._outputs = self._outputs, []
        states = self._identities.drain()
        if self._heard:
            states.append((CLOCK_KEY, self._marks.encode()))
            self._heard = False
        return Writes(outputs, states)

    def watermarks(self) -> dict[str, float]:
        """How far each mapped topic whose events come through here has been read."""
        return self._marks.told()

    def _take(self, message: Message, now: datetime) -> None:
        if isinstance(message, Tick):
            self._heard = True
            if self._marks.advance(message):
                self._moved[message.data.source_topic] = None
            return
        answers = (
            self._identities.link(message, now) if isinstance(message, Linked) else self._identities.ask(message, now)
        )
        for answer in answers:
            self._settle(answer)

    def _settle(self, answer: Answer) -> None:
        if not isinstance(answer, Found):
            self._outputs.append(_letter(answer.awaiting.original, answer.detail, self._partitions))
        elif answer.known:
            event = msgspec.structs.replace(_event(answer.awaiting), subject=answer.to)
            self._outputs.append(admitted(event, self._partitions))
        else:
            self._outputs.append(asked(_further(answer), self._partitions))

    def _tick(self, topic: str) -> None:
        instant = datetime.fromtimestamp(self._marks.clock((topic,)), UTC)
        for lane in self._lanes.get(topic, ()):
            tick = encode(tick_of(lane.tick(self._place[1]), instant))
            self._outputs += [(JOURNAL, number, b"tick", tick, ()) for number in range(self._partitions)]


def _event(awaiting: Awaiting) -> Event:
    return decode(bytes(awaiting.event))


def _further(found: Found) -> Awaiting:
    """Asked of the next identity. An event that named its order by another one now knows the order, too."""
    awaiting, event = found.awaiting, _event(found.awaiting)
    data: Any = getattr(event, "data", None)
    if found.to.startswith(ORDER) and getattr(data, "order_id", None) in awaiting.asked:
        changed = msgspec.structs.replace(data, order_id=found.to.removeprefix(ORDER))
        event = msgspec.structs.replace(event, data=changed)
    return Awaiting(msgspec.Raw(encode(event)), awaiting.original, [*awaiting.asked, found.to])


def _letter(original: Original, detail: str, partitions: int) -> Output:
    place, reason = (original.topic, original.partition), Reason.UNRESOLVED_IDENTITY
    return foreign_letter(_Came(original), place, "identify", reason, detail, partitions)


class _Came:
    """An original as the record that it was."""

    timestamp = 0

    def __init__(self, original: Original) -> None:
        self.key, self.value = original.key, original.value
        self.offset, self.headers = original.offset, original.headers
