"""What is learned from one sequence of examples: frozen ones, labels, and time in; snapshots for every journal out.

Everything depends on the sequence of records alone: not on batches, restarts, or how long a fit takes.
"""

from collections.abc import Iterable, Sequence
from math import inf, nan
from typing import Any

import msgspec
import numpy as np

from detectors.detector import Detector
from detectors.learning import course as courses
from detectors.learning.joining import Join, Waiting
from detectors.learning.learner import Learner
from detectors.learning.lesson import Lesson
from detectors.learning.snapshot import LAYOUT, Trees, decode, encode
from detectors.learning.trainer import HereAndNow, Trainer
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.model_updated import ModelUpdated, ModelUpdatedData
from models.instants import instant

STRIDE_S = 7 * 86_400.0
"""One example moves time on by so much at most: a producer whose clock is years ahead must not expire all others."""

Example = ExampleFrozen | ExampleLabelled


class ExampleRefused(ValueError):
    """An example that no lesson can take; the message says why, and names no value."""


class LearnOutputs(msgspec.Struct):
    """Snapshots for every journal partition, and the touched states."""

    updates: list[ModelUpdated] = []
    states: list[tuple[bytes, bytes | None]] = []


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
        self._learners = {lesson.model: Learner(lesson, trainer) for lesson in lessons}
        self._joins = {lesson.model: Join() for lesson in lessons}
        self._times: dict[str, float] = {}
        self._newest = -inf
        self._timed = False
        self._updates: list[ModelUpdated] = []
        self._written: dict[str, tuple[int, bool]] = {}
        self._told: dict[str, ModelUpdated] = {}
        self._trees: dict[str, Trees | None] = {}

    def waits(self, event: Example) -> bool:
        """Whether `event` must not be applied yet, because a fit has to be in force by then."""
        newest = max(self._newest, self._moved(event))
        return any(learner.waits(newest) for learner in self._learners.values())

    def apply(self, event: Example, offset: int) -> None:
        """Take in one example or label. Raises `ExampleRefused`, and nothing has changed; not to be called if `waits`.

        `offset` names what is told because of it.
        """
        model, thing = event.subject, event.data.object
        join = self._joins.get(model)
        if join is None:
            raise ExampleRefused("subject: no detector here learns a model of this name; run the version that froze it")
        values = self._values(event) if isinstance(event, ExampleFrozen) else b""
        source, now = event.id.partition("-")[0], self._moved(event)
        self._times[source], self._timed = now, True
        self._newest = max(self._newest, now)
        self._release(source, now)
        if isinstance(event, ExampleFrozen):
            ripe_at, expires_at = event.data.ripe_at.timestamp(), event.data.expires_at.timestamp()
            waiting = Waiting(event.time.timestamp(), values, tuple(event.data.tokens), ripe_at, expires_at, source)
            join.freeze(thing, waiting)
        else:
            join.label(thing, event.data.value, event.time.timestamp())
            self._release(source, now)
        for name, learner in self._learners.items():
            if learner.turn(self._newest) is not None:
                self._tell(name, learner, offset)

    def updates(self) -> list[ModelUpdated]:
        """The snapshots since the last call or drain, for who keeps no states."""
        updates, self._updates = self._updates, []
        return updates

    def drain(self) -> LearnOutputs:
        """What is new since the last drain."""
        outputs = LearnOutputs(updates=self.updates())
        states = outputs.states
        if self._timed:
            states.append((b"times", msgspec.msgpack.encode(self._times)))
            self._timed = False
        for model in self._learners:
            self._write(model, states)
        return outputs

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one state. Raises `ValueError` or `msgspec.DecodeError` when it is none of ours.

        States of a model that is no more, or that is learned of other values now, are left out: it begins anew.
        """
        if key == b"times":
            self._times = msgspec.msgpack.decode(value, type=dict[str, float])
            self._newest = max(self._times.values(), default=-inf)
            return
        model, kind, rest = key.decode().split("\x00", 2)
        learner = self._learners.get(model)
        if learner is None:
            return
        if kind == "waiting":
            self._joins[model].load(rest, value)
        elif kind == "rows":
            learner.window.load(int(rest), value)
        elif kind == "course":
            learner.course = courses.decode(value)
        elif kind == "online" and learner.online is not None:
            learner.online.load(value)
        elif kind == "hashed" and learner.online is not None:
            learner.online.load_piece(int(rest), value)
        elif kind == "trees":
            learner.trees = self._trees[model] = msgspec.msgpack.decode(value, type=Trees)
        elif kind == "told":
            told = self._told[model] = msgspec.msgpack.decode(value, type=ModelUpdated)
            learner.snapshot = decode(told.data.body, told.data.digest, told.data.layout)

    def _moved(self, event: Example) -> float:
        """The time of the event's journal partition, once it is applied."""
        at = event.time.timestamp()
        former = self._times.get(event.id.partition("-")[0])
        return at if former is None else max(former, min(at, former + STRIDE_S))

    def _values(self, event: ExampleFrozen) -> bytes:
        """Raises `ExampleRefused` when they are not what the lesson has names for."""
        data, width = event.data, len(self._learners[event.subject].lesson.names)
        if len(data.values) != width or any(place >= width for place in data.unknown):
            raise ExampleRefused(
                f"values: {len(data.values)} of them, and the model has {width} names; "
                "it was frozen by another version: nothing to do, it is left out"
            )
        values = np.array(data.values, np.float64)
        values[data.unknown] = nan
        return values.tobytes()

    def _release(self, source: str, now: float) -> None:
        for model, join in self._joins.items():
            for _, example in join.released(source, now):
                self._learners[model].learn(example)

    def _tell(self, model: str, learner: Learner, offset: int) -> None:
        snapshot, course = learner.snapshot, learner.course
        if snapshot is None:
            return
        course.version += 1
        body, digest = encode(snapshot)
        data = ModelUpdatedData(
            digest=digest, layout=LAYOUT, body=body, version=course.version, examples=course.learned,
            metrics=learner.metrics(), shadowed=course.shadowed,
        )  # fmt: skip
        event_id, at = f"ml-{offset}-{model}", instant(self._newest)
        self._told[model] = told = ModelUpdated(id=event_id, source="learn", subject=model, time=at, data=data)
        self._updates.append(told)

    def _write(self, model: str, states: list[tuple[bytes, bytes | None]]) -> None:
        learner, join = self._learners[model], self._joins[model]
        states += [(_key(model, "waiting", thing), join.encode(thing)) for thing in join.changed]
        join.changed.clear()
        window, online = learner.window, learner.online
        states += [(_key(model, "rows", str(number)), window.encode(number)) for number in window.changed]
        window.changed.clear()
        if online is not None:
            states += [(_key(model, "hashed", str(piece)), online.encode_piece(piece)) for piece in online.changed]
            online.changed.clear()
        if not learner.touched:
            return
        learner.touched = False
        states.append((_key(model, "course"), courses.encode(learner.course)))
        if online is not None:
            states.append((_key(model, "online"), online.encode()))
        if learner.trees is not self._trees.get(model):
            self._trees[model] = learner.trees
            states.append((_key(model, "trees"), msgspec.msgpack.encode(learner.trees)))
        told = self._told.get(model)
        if told is not None and (told.data.version, True) != self._written.get(model):
            self._written[model] = (told.data.version, True)
            states.append((_key(model, "told"), msgspec.msgpack.encode(told)))


def _key(model: str, kind: str, rest: str = "") -> bytes:
    return f"{model}\x00{kind}\x00{rest}".encode()
