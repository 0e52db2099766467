"""What others fared like at an order's entities, as numbers for a model: shrunk from the narrow to the wide."""

from math import nan
from typing import NamedTuple

from detectors.entities import entity_id
from detectors.knowledge import Knowledge, fade, shrunk


class Seen(NamedTuple):
    """How many cases a fading sum rests on, and their sum, as of an instant."""

    cases: float
    total: float


NOTHING = Seen(0.0, 0.0)


class Around:
    """The fading sums of an order's entities as of `now`, by kind of entity and name of the sum."""

    __slots__ = ("_entities", "_knowledge", "_now")

    def __init__(self, entities: dict[str, str], knowledge: Knowledge, now: float) -> None:
        self._entities, self._knowledge, self._now = entities, knowledge, now

    def seen(self, kind: str, name: str) -> Seen:
        """One sum; nothing where the order has no such entity, or nothing was ever said of it."""
        entity = self._entities.get(kind)
        known = None if entity is None else self._knowledge.known(entity_id(kind, entity))
        fading = None if known is None else known.data.sums.get(name)
        if known is None or fading is None:
            return NOTHING
        left = fade(fading, self._now - known.at)
        return Seen(fading.weight * left, fading.total * left)

    def mean(self, kind: str, name: str, prior: float, strength: float) -> float:
        """The mean, shrunk to `prior` (what is known of wider circles) with the weight of `strength` cases.

        So a new seller is taken for a usual one, and a new lane for one of its state.
        """
        peers = self._knowledge.peers
        if peers == "all" and kind != "shop":
            return prior
        cases, total = self.seen(kind, name)
        if peers == "own":
            return total / cases if cases > 0.0 else nan
        return shrunk(cases, total, prior, strength)
