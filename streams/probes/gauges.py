"""A look at the roles, as numbers for Prometheus. What a process no longer owns, it no longer tells."""

from collections.abc import Mapping, Sequence

from detectors.causes.cause import Standing
from streams.clock import elapsed, real_now
from streams.metrics.catalogue import (
    CAUGHT_UP,
    COMMIT_TIME,
    COMMITTED_OFFSET,
    END_OFFSET,
    KAFKA_ANSWERED,
    LAG,
    LARGEST_CAUSE,
    LOOP_TURNED,
    OPEN_CAUSES,
    PARTITIONS,
    READ_OFFSET,
    RECOVERING_SINCE,
    WATERMARK,
)
from streams.metrics.labels import FAMILY
from streams.metrics.registry import METRICS, Metrics
from streams.probes.look import Look, PlaceLook

_OF_A_PLACE = (COMMIT_TIME, COMMITTED_OFFSET, READ_OFFSET, END_OFFSET, LAG, CAUGHT_UP)
Place = tuple[str, str, str]


class Gauges:
    """Sets them, and forgets those of partitions that went away."""

    def __init__(self, metrics: Metrics = METRICS) -> None:
        self._metrics = metrics
        self._told: set[Place] = set()
        self._caught_up: dict[Place, float] = {}

    def show(self, looks: Mapping[str, Look]) -> None:
        """Once a second."""
        put, now = self._metrics.put, real_now().timestamp()
        put(LOOP_TURNED, now)
        there: set[Place] = set()
        for role, look in looks.items():
            put(PARTITIONS, len(look.places), role)
            put(KAFKA_ANSWERED, look.kafka_answered_at, role)
            put(RECOVERING_SINCE, now - look.waiting_s if look.waiting_s else 0.0, role)
            for source, instant in look.watermarks.items():
                put(WATERMARK, instant, source)
            for place in look.places:
                there.add(self._show_place(role, place, now))
        for gone in self._told - there:
            self._caught_up.pop(gone, None)
            for metric in _OF_A_PLACE:
                self._metrics.forget(metric, *gone)
        self._told = there
        self._show_causes([cause for look in looks.values() for cause in look.causes])

    def _show_causes(self, causes: Sequence[Standing]) -> None:
        for family in FAMILY.values:
            of_family = [cause.cases for cause in causes if cause.family == family]
            self._metrics.put(OPEN_CAUSES, len(of_family), family)
            self._metrics.put(LARGEST_CAUSE, max(of_family, default=0), family)

    def _show_place(self, role: str, place: PlaceLook, now: float) -> Place:
        put, key = self._metrics.put, (role, place.topic, str(place.partition))
        self._caught_up[key] = max(self._caught_up.get(key, 0.0), place.caught_up_at)
        put(COMMIT_TIME, now - (elapsed() - place.committed_at), *key)
        put(COMMITTED_OFFSET, place.committed, *key)
        put(READ_OFFSET, place.read, *key)
        put(END_OFFSET, place.end or 0, *key)
        put(LAG, place.lag, *key)
        put(CAUGHT_UP, self._caught_up[key], *key)
        return key
