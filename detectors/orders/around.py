"""What others fared like at an order's entities, as numbers for a model: shrunk from the narrow to the wide."""

from math import nan
from typing import NamedTuple

from detectors.entities import entity_id
from detectors.knowledge import Knowledge, Known, fade, shrunk
from models.events.context_updated import FadingSum


class Seen(NamedTuple):
    """How many cases a fading sum rests on, and their sum, as of an instant."""

    cases: float
    total: float


NOTHING = Seen(0.0, 0.0)


class Circle:
    """The fading sums of one entity as of an instant; of one that nothing was ever said of there are none.

    What is left of a sum after so long is worked out once per half-life: the sums of an entity share a few.
    """

    __slots__ = ("_elapsed_s", "_left", "_sums")

    def __init__(self, known: Known | None, now: float) -> None:
        self._sums, self._elapsed_s = (_NO_SUMS, 0.0) if known is None else (known.data.sums, now - known.at)
        self._left: dict[float, float] = {}

    def seen(self, name: str) -> Seen:
        """One sum."""
        fading = self._sums.get(name)
        if fading is None:
            return NOTHING
        left = self._left.get(fading.half_life_s) or self._fade(fading)
        return Seen(fading.weight * left, fading.total * left)

    def mean(self, name: str, prior: float, strength: float) -> float:
        """The mean, shrunk to `prior` (what is known of wider circles) with the weight of `strength` cases.

        So a new seller is taken for a usual one, and a new lane for one of its state.
        """
        fading = self._sums.get(name)
        if fading is None:
            return shrunk(0.0, 0.0, prior, strength)
        left = self._left.get(fading.half_life_s) or self._fade(fading)
        return shrunk(fading.weight * left, fading.total * left, prior, strength)

    def _fade(self, fading: FadingSum) -> float:
        left = self._left[fading.half_life_s] = fade(fading, self._elapsed_s)
        return left


class Alone(Circle):
    """Judged by its own cases, unknown without any: only where a bench measures what shrinking is worth."""

    __slots__ = ()

    def mean(self, name: str, prior: float, strength: float) -> float:  # noqa: ARG002 - nothing wider counts
        """The mean as it is."""
        cases, total = self.seen(name)
        return total / cases if cases > 0.0 else nan


class Around:
    """The circles of an order's entities as of `now`, by kind of entity."""

    __slots__ = ("_circles", "_entities", "_knowledge", "_now")

    def __init__(self, entities: dict[str, str], knowledge: Knowledge, now: float) -> None:
        self._entities, self._knowledge, self._now = entities, knowledge, now
        self._circles: dict[str, Circle] = {}

    def circle(self, kind: str) -> Circle:
        """Of one kind of entity; an empty one where the order has none, or nothing was ever said of it."""
        circle = self._circles.get(kind)
        if circle is None:
            circle = self._circles[kind] = self._new(kind)
        return circle

    def _new(self, kind: str) -> Circle:
        entity, peers = self._entities.get(kind), self._knowledge.peers
        if entity is None or (peers == "all" and kind != "shop"):
            return Circle(None, self._now)
        known = self._knowledge.known(entity_id(kind, entity))
        return Alone(known, self._now) if peers == "own" else Circle(known, self._now)

    def seen(self, kind: str, name: str) -> Seen:
        """One sum; nothing where the order has no such entity, or nothing was ever said of it."""
        return self.circle(kind).seen(name)

    def mean(self, kind: str, name: str, prior: float, strength: float) -> float:
        """As `Circle.mean`."""
        return self.circle(kind).mean(name, prior, strength)


_NO_SUMS: dict[str, FadingSum] = {}
