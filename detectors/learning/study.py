"""One lesson with all that is kept for it: what waits, what was learned, what was told, and their bytes."""

from contextlib import suppress
from hashlib import blake2b

import msgspec

from detectors.learning import course as courses
from detectors.learning.joining import Join
from detectors.learning.learner import Learner
from detectors.learning.lesson import Lesson
from detectors.learning.snapshot import LAYOUT, SnapshotError, Trees, decode, encode
from detectors.learning.trainer import Trainer
from models.events.model_updated import ModelUpdated, ModelUpdatedData
from models.instants import instant

State = tuple[bytes, bytes | None]
"""Key and value; a value of None is forgotten."""

_FITS: msgspec.msgpack.Decoder[Trees | tuple[Trees, ...]] = msgspec.msgpack.Decoder(Trees | tuple[Trees, ...])
"""Versions that kept one fit wrote it alone."""


class Study:
    """A lesson at work. Large things (trees, the told snapshot) are written only when they are other ones."""

    def __init__(self, lesson: Lesson, trainer: Trainer) -> None:
        self.lesson = lesson
        self.join = Join()
        self.learner = Learner(lesson, trainer)
        self._told: ModelUpdated | None = None
        self._told_written: ModelUpdated | None = None
        self._fits_written: tuple[Trees, ...] = ()
        self._prefix = f"{lesson.model}\x00{shape_of(lesson)}\x00"

    def release(self, source: str, now: float) -> None:
        """Learn what counts by now."""
        for _, example in self.join.released(source, now):
            self.join.counts["learned"] += 1
            self.learner.learn(example)

    def turn(self, now: float, offset: int) -> ModelUpdated | None:
        """The examples' time is `now`: the snapshot to tell, when one is due."""
        snapshot = self.learner.turn(now)
        if snapshot is None:
            return None
        course = self.learner.course
        course.version += 1
        body, digest = encode(snapshot)
        data = ModelUpdatedData(
            digest=digest, layout=LAYOUT, body=body, version=course.version, examples=course.learned,
            metrics=self.learner.metrics(), shadowed=course.shadowed,
        )  # fmt: skip
        model = self.lesson.model
        told = ModelUpdated(id=f"ml-{offset}-{model}", source="learn", subject=model, time=instant(now), data=data)
        self._told = told
        return told

    def write(self) -> list[State]:
        """What changed since the last call."""
        join, window, online = self.join, self.learner.window, self.learner.online
        states = [(self._key("waiting", thing), join.encode(thing)) for thing in join.changed]
        join.changed.clear()
        states += [(self._key("marks", about), join.marks.encode(about)) for about in join.marks.changed]
        join.marks.changed.clear()
        states += [(self._key("rows", str(number)), window.encode(number)) for number in window.changed]
        window.changed.clear()
        if online is not None:
            states += [(self._key("hashed", str(piece)), online.encode_piece(piece)) for piece in online.changed]
            online.changed.clear()
        if not self.learner.touched:
            return states
        self.learner.touched = False
        states.append((self._key("course"), courses.encode(self.learner.course)))
        if online is not None:
            states.append((self._key("online"), online.encode()))
        if self.learner.fits is not self._fits_written:
            self._fits_written = self.learner.fits
            states.append((self._key("trees"), msgspec.msgpack.encode(self.learner.fits)))
        if self._told is not self._told_written:
            self._told_written = self._told
            states.append((self._key("told"), msgspec.msgpack.encode(self._told)))
        return states

    def load(self, kind: str, rest: str, value: bytes) -> None:
        """Take one state back. Raises `ValueError` or `msgspec.DecodeError` when it is none of ours."""
        learner = self.learner
        if kind == "waiting":
            self.join.load(rest, value)
        elif kind == "marks":
            self.join.marks.load(rest, value)
        elif kind == "rows":
            learner.window.load(int(rest), value)
        elif kind == "course":
            learner.course = courses.decode(value)
        elif kind == "online" and learner.online is not None:
            learner.online.load(value)
        elif kind == "hashed" and learner.online is not None:
            learner.online.load_piece(int(rest), value)
        elif kind == "trees":
            found = _FITS.decode(value)
            learner.fits = self._fits_written = found if isinstance(found, tuple) else (found,)
        elif kind == "told":
            told = self._told = self._told_written = msgspec.msgpack.decode(value, type=ModelUpdated)
            with suppress(SnapshotError):  # another version's: nothing is scored until the next one is told
                learner.snapshot = decode(told.data.body, told.data.digest, told.data.layout)

    def _key(self, kind: str, rest: str = "") -> bytes:
        return f"{self._prefix}{kind}\x00{rest}".encode()


def shape_of(lesson: Lesson) -> str:
    """What the states' layout hangs on, in short; how fast or how often is learned changes nothing of it."""
    bits = lesson.online.token_bits if lesson.online else None
    shape = (lesson.names, bits, lesson.boosted is not None)
    return blake2b(msgspec.msgpack.encode(shape), digest_size=6).hexdigest()
