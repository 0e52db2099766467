"""All that is asked of one metric at each row: ten surprises of five kinds, each near 1 or above when it is great."""

from math import log

import msgspec

from detectors.telemetry.cadence import Cadence
from detectors.telemetry.level import Level, level
from detectors.telemetry.novelty import Novelty
from detectors.telemetry.same_hour import SameHour, signed_log
from detectors.telemetry.spread import Spread
from detectors.telemetry.tail import Tail, tail

BLOCKS, BLOCK = 12, 2
"""The shape that patterns have: so many means of so many rows."""
RESTLESS = 10
"""Rows whose spread says how restless a metric is."""
KINDS = {
    "new_value": ("value", "value_lasting", "log_value", "value_of_four"),
    "unlike_this_hour": ("hour", "log_hour"),
    "new_pattern": ("pattern",),
    "moved": ("level", "log_level"),
    "restless": ("spread",),
}
"""What the surprises are called, by kind."""
IN_UNITS = frozenset({"value", "log_value", "value_of_four", "spread"})
"""Surprises in usual deviations of the metric; all others are in standard deviations of their own past."""


class Senses(msgspec.Struct, array_like=True):
    """One metric. `recent` are its last rows, oldest first."""

    cadence: Cadence = msgspec.field(default_factory=Cadence)
    of_value: Spread = msgspec.field(default_factory=Spread)
    of_log: Spread = msgspec.field(default_factory=Spread)
    of_spread: Spread = msgspec.field(default_factory=Spread)
    recent: list[float] = []
    value: Novelty = msgspec.field(default_factory=lambda: Novelty(1, 0.35))
    lasting: Novelty = msgspec.field(default_factory=lambda: Novelty(1, 0.1))
    lasting_tail: Tail = msgspec.field(default_factory=lambda: tail(10))
    log_value: Novelty = msgspec.field(default_factory=lambda: Novelty(1, 0.25))
    of_four: Novelty = msgspec.field(default_factory=lambda: Novelty(1, 0.5))
    pattern: Novelty = msgspec.field(default_factory=lambda: Novelty(BLOCKS, 0.5))
    pattern_tail: Tail = msgspec.field(default_factory=lambda: tail(10))
    spread: Novelty = msgspec.field(default_factory=lambda: Novelty(1, 0.35))
    hour: SameHour = msgspec.field(default_factory=SameHour)
    hour_tail: Tail = msgspec.field(default_factory=lambda: tail(10))
    log_hour_tail: Tail = msgspec.field(default_factory=lambda: tail(30))
    level: Level = msgspec.field(default_factory=lambda: level(40))
    log_level: Level = msgspec.field(default_factory=lambda: level(100))

    def take(self, now: float, value: float) -> dict[str, float]:
        """The surprises of a row by name."""
        self.cadence.take(now)
        logged = signed_log(value)
        unit, log_unit = self.of_value.take(value).unit, self.of_log.take(logged).unit
        self.recent.append(value)
        del self.recent[: -BLOCKS * BLOCK]
        found = {
            "value": self.value.take((value,), unit),
            "value_lasting": self.lasting_tail.take(self.lasting.take((value,), unit)),
            "log_value": self.log_value.take((logged,), log_unit),
            "level": self.level.take(value, 2000),
            "log_level": self.log_level.take(logged, 1000),
        }
        return found | self._of_hour(now, unit, log_unit) | self._of_recent(unit)

    def _of_hour(self, now: float, unit: float, log_unit: float) -> dict[str, float]:
        """On the first day, and after long gaps, there is nothing to be unlike of: that is not learned as usual."""
        found = self.hour.take(now, self.recent[-1], self.cadence.gap_s)
        if found is None:
            return {"hour": 0.0, "log_hour": 0.0}
        return {
            "hour": self.hour_tail.take(found[0] / unit),
            "log_hour": self.log_hour_tail.take(found[1] / log_unit),
        }

    def _of_recent(self, unit: float) -> dict[str, float]:
        recent, blocks = self.recent, BLOCKS * BLOCK
        spread = _log_spread([signed_log(value) for value in recent[-RESTLESS:]])
        spread_unit = self.of_spread.take(spread).unit
        means = (
            [sum(recent[at : at + BLOCK]) / BLOCK for at in range(0, blocks, BLOCK)] if len(recent) == blocks else []
        )
        return {
            "spread": self.spread.take((spread,), spread_unit),
            "value_of_four": self.of_four.take((sum(recent[-4:]) / 4,), unit) if len(recent) >= 4 else 0.0,
            "pattern": self.pattern_tail.take(self.pattern.take(means, unit) if means else 0.0),
        }


def _log_spread(values: list[float]) -> float:
    """Logarithm of the standard deviation."""
    mean = sum(values) / len(values)
    return 0.5 * log(sum((value - mean) ** 2 for value in values) / len(values) + 1e-6)
