"""How far a lesson has come: the few numbers that are not rows, weights or trees."""

from math import inf

import msgspec

from detectors.learning.drift import Drift


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """A fit under way: on the rows before `last` that were frozen since `since`, in force from `adopted_at` on."""

    number: int
    last: int
    since: float
    adopted_at: float


class Course(msgspec.Struct, array_like=True):
    """`published` and `fitted` count whole intervals of the examples' time; a new one makes the next due."""

    learned: int = 0
    version: int = 0
    told: int = 0
    """`learned` when a snapshot was last told."""
    published: float = -inf
    fitted: float = -inf
    wanted: Wanted | None = None
    share: float = 0.5
    """Of the trees in the mix."""
    curve: tuple[float, float] = (1.0, 0.0)
    """Slope and shift of the calibration that is tried, whether or not a snapshot carries it."""
    shadowed: bool = False
    drift: Drift = msgspec.field(default_factory=Drift)


def encode(course: Course) -> bytes:
    """As bytes for the state."""
    return msgspec.msgpack.encode(course)


def decode(value: bytes) -> Course:
    """Take it back. Raises `msgspec.DecodeError` when it is none of ours."""
    return msgspec.msgpack.decode(value, type=Course)
