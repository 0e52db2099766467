"""What a kind of promise is learned by: its lesson, and how an order of that kind becomes an example of it."""

from collections.abc import Callable
from typing import NamedTuple

from detectors.knowledge import Knowledge
from detectors.learning.lesson import Lesson
from detectors.orders.journey import Journey
from detectors.readings import Observation

Values = Callable[[Journey, Knowledge, float], tuple[float, ...]]
"""Of an order, what is known of what it shares, as of an instant: in the order of the lesson's names."""


def no_tokens(_order: Journey) -> tuple[str, ...]:
    """It is learned from numbers alone."""
    return ()


def nothing_seen(_order: Journey, _what: str, _now: float) -> list[Observation]:
    """It tells context nothing beyond what `late_delivery` tells anyway."""
    return []


def always(_order: Journey, _now: float) -> bool:
    """It is asked at every look before the promise."""
    return True


def as_said(_order: Journey, _knowledge: Knowledge, _now: float, probability: float) -> float:
    """What the model says stands."""
    return probability


def untold(_order: Journey, _look: str, _probability: float) -> list[Observation]:
    """Nobody needs to know what the model said."""
    return []


class Course(NamedTuple):
    """One kind of promise. An order is of it when it `carries` such a kind of entity.

    An example is frozen at each look named in `freezes`; its truth is out `late_after_s` after the promise. `looks_s`
    are further times before the promise to look at, whatever was reached, in seconds. `seen` is asked at `placed`, at
    each step, look, `missed` (a deadline has passed), `delivered`, `ended` (the promise has passed), `cancelled` what
    others may learn of the order's entities. Where it does not speak, what was learned is not asked.
    """

    lesson: Lesson
    carries: str
    values: Values
    freezes: tuple[str, ...]
    late_after_s: float
    looks_s: tuple[float, ...] = ()
    tokens: Callable[[Journey], tuple[str, ...]] = no_tokens
    measures: tuple[str, ...] = ()
    """Names of the numbers that an order keeps, in this order."""
    least_s: float = 0.0
    """An order whose promise leaves less time from the start is of another kind."""
    seen: Callable[[Journey, str, float], list[Observation]] = nothing_seen
    speaks: Callable[[Journey, float], bool] = always
    settle: Callable[[Journey, Knowledge, float, float], float] = as_said
    """What is made of the model's probability as of an instant."""
    told: Callable[[Journey, str, float], list[Observation]] = untold
    """What is observed of the model's own probability at a look."""
