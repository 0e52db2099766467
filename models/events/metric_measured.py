"""A number that belongs to one customer: what a device, an account or a service of theirs measured."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Finite, Key


class MetricMeasuredData(Payload, frozen=True):
    """`metric` names what was measured and ends in its unit where it has one; `value` is in that unit."""

    metric: Key
    value: Finite


class MetricMeasured(Event, frozen=True, tag="metric.measured.v1"):
    """It was `value` at `time`. What many customers share is measured by `entity.measured.v1` instead."""

    topic: ClassVar[str] = "telemetry.v1"
    data: MetricMeasuredData

    @classmethod
    def example(cls) -> Self:
        """A router says how long an answer takes."""
        data = MetricMeasuredData(metric="latency_ms", value=42.5)
        return cls(id="mm-1", source="routers", subject="c-1", time=datetime(2013, 2, 8, 9, 0, tzinfo=UTC), data=data)
