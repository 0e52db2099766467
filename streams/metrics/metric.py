"""How a metric is described: everything that a person or an alert rule needs to know of it."""

from typing import Literal

import msgspec

PREFIX = "beforehand_"

Kind = Literal["counter", "gauge", "histogram"]

SLO_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds, around what is promised: 30 s from an event to a decision."""

WORK_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0)
"""Seconds of a piece of work that should take milliseconds."""


class Label(msgspec.Struct, frozen=True):
    """A label: its values when they are known, else what bounds them. Never a customer's, never free text."""

    name: str
    values: tuple[str, ...] = ()
    bound: str = ""


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric. `do`: what somebody who is worried by it does first. Counters end in `_total`."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    do: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = SLO_BUCKETS_S

    @property
    def label_names(self) -> tuple[str, ...]:
        """In the order in which values are given."""
        return tuple(label.name for label in self.labels)


Count = tuple[Metric, tuple[str, ...], int]
"""A metric, its labels' values, and how many more."""
