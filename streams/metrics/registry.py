"""The metrics of this process, in a registry of our own. Call these per batch, never per event."""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from streams.metrics.catalogue import all_metrics
from streams.metrics.metric import Count, Metric

no_created: Callable[[], None] = disable_created_metrics
no_created()  # else there is an instant per series that nobody asks for


class Metrics:
    """All metrics of `streams.metrics.catalogue`. Those whose labels have known values only are there from the start.

    May be used from any thread. Raises `KeyError` for a metric that the catalogue does not name, `ValueError` for a
    wrong number of labels.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self.registry)
        self._made: Mapping[str, Any] = {one.name: _made(one, self.registry) for one in all_metrics()}
        for one in all_metrics():
            self.create(one)

    def create(self, metric: Metric, **known: Iterable[str]) -> None:
        """Bring a metric's series into being at 0, for the labels' known values and those given here."""
        given = [tuple(known.get(label.name, label.values)) for label in metric.labels]
        if metric.labels and all(given):
            for values in product(*given):
                self._of(metric, values)

    def add(self, metric: Metric, amount: float, *labels: str) -> None:
        """So many more."""
        self._of(metric, labels).inc(amount)

    def count(self, counts: Iterable[Count]) -> None:
        """What a transaction has made true."""
        for metric, labels, amount in counts:
            self._of(metric, labels).inc(amount)

    def put(self, metric: Metric, value: float, *labels: str) -> None:
        """So it stands now."""
        self._of(metric, labels).set(value)

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """One more of these."""
        self._of(metric, labels).observe(value)

    def forget(self, metric: Metric, *labels: str) -> None:
        """No longer ours to tell."""
        self._made[metric.name].remove(*labels)

    def _of(self, metric: Metric, labels: tuple[str, ...]) -> Any:
        made = self._made[metric.name]
        return made.labels(*labels) if metric.labels else made


def _made(metric: Metric, registry: CollectorRegistry) -> Any:
    arguments = (metric.name, metric.meaning, metric.label_names)
    if metric.kind == "histogram":
        return Histogram(*arguments, buckets=metric.buckets, registry=registry)
    kind: Any = Counter if metric.kind == "counter" else Gauge
    return kind(*arguments, registry=registry)


METRICS = Metrics()
"""This process's."""
