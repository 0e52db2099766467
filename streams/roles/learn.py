"""Examples in, snapshots of what many customers teach out, into every journal partition."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from detectors.catalogue import all_detectors
from detectors.learning.lesson import Lesson
from detectors.learning.partition import ExampleRefused, LearnPartition, lessons_of
from detectors.learning.trainer import Trainer
from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import encode, event_reader
from models.events.example_censored import ExampleCensored
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.model_updated import ModelUpdated
from streams.dead_letters import dead_letter
from streams.decoding import NEAR, decoded, one_by_one
from streams.metrics.catalogue import EXAMPLES_WAITING, LEARNED, MODEL_EXAMPLES, MODEL_SCORE, MODEL_SHADOWED, MODEL_TIME
from streams.metrics.metric import Count
from streams.metrics.registry import METRICS
from streams.settings import Settings
from streams.step import Output, Progress, Record, Role, Writes
from streams.topics import DEAD_LETTERS, EXAMPLES, JOURNAL
from streams.training import OtherProcess

PAUSE_S = 0.05


def learn(settings: Settings, lessons: Sequence[Lesson] | None = None) -> Role:
    """The role, with the lessons of all detectors when None. Raises `ValueError` when two of one name differ."""
    chosen = lessons_of(all_detectors()) if lessons is None else lessons
    METRICS.create(LEARNED, model=[lesson.model for lesson in chosen])

    def step(_topic: str, _partition: int) -> LearnStep:
        return LearnStep(chosen, settings.partitions, OtherProcess())

    return Role("learn", (EXAMPLES,), step, outputs=(JOURNAL, DEAD_LETTERS), single=frozenset({EXAMPLES}))


class LearnStep:
    """The one partition of the examples. It pauses where a fit is due; what no lesson can take is set aside."""

    def __init__(self, lessons: Sequence[Lesson], partitions: int, trainer: Trainer) -> None:
        self._learning = LearnPartition(lessons, trainer)
        self._partitions = partitions
        self._letters: list[Output] = []
        self._left: Sequence[Record] = ()

    def load(self, key: bytes, value: bytes) -> None:
        """Take a state back."""
        self._learning.load(key, value)

    def apply(self, records: Sequence[Record]) -> None:
        """Everything in its order, up to where it has to wait."""
        for start in range(0, len(records), NEAR):
            taken = self._take(records[start : start + NEAR])
            if taken is not None:
                self._left = records[start + taken :]
                return
        self._left = ()

    def left(self) -> Sequence[Record]:
        """What waits for a fit."""
        return self._left

    async def pause(self) -> None:
        """Let the fit go on."""
        await asyncio.sleep(PAUSE_S)

    def drain(self, _progress: Progress, /) -> Writes:
        """What is new, for every journal partition."""
        outputs = self._learning.drain()
        written, self._letters = self._letters, []
        for update in outputs.updates:
            key, raw = update.subject.encode(), encode(update)
            written += [(JOURNAL, number, key, raw, ()) for number in range(self._partitions)]
            _show(update)
        counts: list[Count] = []
        for model, found in self._learning.counted().items():
            METRICS.put(EXAMPLES_WAITING, self._learning.waiting(model), model)
            counts += [(LEARNED, (model, what), count) for what, count in found.items()]
        return Writes(written, outputs.states, counts)

    def _take(self, records: Sequence[Record]) -> int | None:
        """How many were taken in, None for all of them."""
        events: Sequence[Event] | None = decoded(records, event_reader())
        kept, bad = records, {}
        if events is None:
            kept, events, wrong = one_by_one(records, event_reader())
            bad = {record.offset: detail for record, detail in wrong}
        by_offset = {record.offset: event for record, event in zip(kept, events, strict=True)}
        for number, record in enumerate(records):
            event = by_offset.get(record.offset)
            if isinstance(event, ExampleFrozen | ExampleLabelled | ExampleCensored):
                if self._learning.waits(event):
                    return number
                try:
                    self._learning.apply(event, record.offset)
                except ExampleRefused as error:
                    self._set_aside(record, str(error), Reason.EXAMPLE_REFUSED)
            else:
                self._set_aside(record, bad.get(record.offset, "type: no example"))
        return None

    def _set_aside(self, record: Record, detail: str, reason: Reason = Reason.BAD_JOURNAL_RECORD) -> None:
        letter = dead_letter(record, (EXAMPLES, 0), "learn", reason, detail)
        self._letters.append(letter)


def _show(update: ModelUpdated) -> None:
    model, data = update.subject, update.data
    at: datetime = update.time
    METRICS.put(MODEL_TIME, at.timestamp(), model)
    METRICS.put(MODEL_EXAMPLES, data.examples, model)
    METRICS.put(MODEL_SHADOWED, float(data.shadowed), model)
    for name, value in data.metrics.items():
        METRICS.put(MODEL_SCORE, value, model, name)
