"""What is learned from one sequence of examples: frozen ones, labels, and time in; snapshots for every journal out.

Everything depends on the sequence of records alone: not on batches, restarts, or how long a fit takes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf, nan
from typing import Any

import msgspec
import numpy as np

from detectors.detector import Detector
from detectors.learning.joining import Waiting
from detectors.learning.lesson import Lesson
from detectors.learning.study import State, Study, shape_of
from detectors.learning.trainer import HereAndNow, Trainer
from models.events.example_censored import ExampleCensored
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.model_updated import ModelUpdated

STRIDE_S = 7 * 86_400.0
"""One example moves time on by so much at most: a producer whose clock is years ahead must not expire all others."""

Example = ExampleFrozen | ExampleLabelled | ExampleCensored


class ExampleRefused(ValueError):
    """An example that no lesson can take; the message says why, and names no value."""


class LearnOutputs(msgspec.Struct):
    """Snapshots for every journal partition, and the touched states."""

    updates: list[ModelUpdated] = []
    states: list[State] = []


def lessons_of(detectors: Iterable[Detector[Any, Any]]) -> list[Lesson]:
    """All lessons by model. Raises `ValueError` when two unlike ones have the same model's name."""
    found: dict[str, Lesson] = {}
    for detector in detectors:
        for lesson in detector.learns:
            if found.setdefault(lesson.model, lesson) != lesson:
                raise ValueError(f"{detector.name}: another detector learns {lesson.model!r} in another way; rename it")
    return [found[model] for model in sorted(found)]


class LearnPartition:
    """All lessons on the examples."""

    def __init__(self, lessons: Sequence[Lesson], trainer: Trainer | None = None) -> None:
        trainer = trainer or HereAndNow()
        self._studies = {lesson.model: Study(lesson, trainer) for lesson in lessons}
        self._times: dict[str, float] = {}
        self._newest = -inf
        self._timed = False
        self._updates: list[ModelUpdated] = []
        self._left_behind: list[State] = []

    def waits(self, event: Example) -> bool:
        """Whether `event` must not be applied yet, because a fit has to be in force by then."""
        if isinstance(event, ExampleCensored):
            return False
        newest = max(self._newest, self._moved(event))
        return any(study.learner.waits(newest) for study in self._studies.values())

    def apply(self, event: Example, offset: int) -> None:
        """Take in one example or label. Raises `ExampleRefused`, and nothing has changed; not to be called if `waits`.

        `offset` names what is told because of it.
        """
        study = self._studies.get(event.subject)
        if study is None:
            raise ExampleRefused("subject: no detector here learns a model of this name; run the version that froze it")
        source = event.id.partition("-")[0]
        if isinstance(event, ExampleCensored):  # its time is the sender's, which may be ahead of its partition's
            study.join.censor(event.data.about, event.time.timestamp(), source)
            return
        values = _values(event, len(study.lesson.names)) if isinstance(event, ExampleFrozen) else b""
        now, thing = self._moved(event), event.data.object
        self._times[source], self._timed = now, True
        self._newest = max(self._newest, now)
        for one in self._studies.values():
            one.release(source, now)
        if isinstance(event, ExampleFrozen):
            ripe_at, expires_at = event.data.ripe_at.timestamp(), event.data.expires_at.timestamp()
            tokens = tuple(event.data.tokens)
            waiting = Waiting(event.time.timestamp(), values, tokens, ripe_at, expires_at, source)
            waiting.about = event.data.about
            study.join.freeze(thing, waiting)
        else:
            study.join.label(thing, event.data.value, event.time.timestamp())
            study.release(source, now)
        told = [one.turn(self._newest, offset) for one in self._studies.values()]
        self._updates += [one for one in told if one is not None]

    def updates(self) -> list[ModelUpdated]:
        """The snapshots since the last call or drain, for who keeps no states."""
        updates, self._updates = self._updates, []
        return updates

    def drain(self) -> LearnOutputs:
        """What is new since the last drain."""
        outputs = LearnOutputs(updates=self.updates(), states=self._left_behind)
        self._left_behind = []
        if self._timed:
            outputs.states.append((b"times", msgspec.msgpack.encode(self._times)))
            self._timed = False
        for study in self._studies.values():
            outputs.states += study.write()
        return outputs

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one state. Raises `ValueError` or `msgspec.DecodeError` when it is none of ours.

        States of a model that is no more, or that is learned of other values now, are forgotten: it begins anew.
        """
        if key == b"times":
            self._times = msgspec.msgpack.decode(value, type=dict[str, float])
            self._newest = max(self._times.values(), default=-inf)
            return
        model, shape, kind, rest = key.decode().split("\x00", 3)
        study = self._studies.get(model)
        if study is None or shape != shape_of(study.lesson):
            self._left_behind.append((key, None))
        else:
            study.load(kind, rest, value)

    def counted(self) -> dict[str, Counter[str]]:
        """What became of examples since the last call, by model: see `Join.counts`, and `learned`."""
        found = {model: study.join.counts for model, study in self._studies.items()}
        for study in self._studies.values():
            study.join.counts = Counter()
        return found

    def waiting(self, model: str) -> int:
        """How many examples of it wait."""
        return len(self._studies[model].join)

    def _moved(self, event: Example) -> float:
        """The time of the event's journal partition, once it is applied."""
        at = event.time.timestamp()
        former = self._times.get(event.id.partition("-")[0])
        return at if former is None else max(former, min(at, former + STRIDE_S))


def _values(event: ExampleFrozen, width: int) -> bytes:
    """Raises `ExampleRefused` when they are not what the lesson has names for."""
    data = event.data
    if len(data.values) != width or any(place >= width for place in data.unknown):
        raise ExampleRefused(
            f"values: {len(data.values)} of them, and the model has {width} names; "
            "it was frozen by another version: nothing to do, it is left out"
        )
    values = np.array(data.values, np.float64)
    values[data.unknown] = nan
    return values.tobytes()
