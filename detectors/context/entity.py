"""What context remembers of one entity: numbers only."""

import msgspec

from detectors.context.fading import Fading, half_life_s
from detectors.context.rules import ContextParams, Rule
from models.events.context_updated import ContextUpdatedData, FadingSum

MOST = 64
"""Sums and measures of one entity, each; names beyond are left out (an entity's names come from outside)."""


class Measured(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The newest value of a measure, and when it was true."""

    value: float
    at: float


class Kept(msgspec.Struct, kw_only=True, gc=False):
    """One fading sum with its half-life in seconds, and the mean that was last told."""

    sum: Fading
    half_life: float
    scale: float
    told: float


class Entity(msgspec.Struct, kw_only=True):
    """An entity's sums by `name/window`, its newest measures, and when it was last told of."""

    at: float
    told_at: float = float("-inf")
    sums: dict[str, Kept] = {}
    measures: dict[str, Measured] = {}
    fresh: bool = False
    """A measure changed since the entity was last told of."""

    def observe(self, rules: tuple[Rule, ...], observed: float, at: float, params: ContextParams) -> None:
        """Add one observation to every sum that wants it."""
        self.at = max(self.at, at)
        for rule in rules:
            value = rule.value(observed)
            for window in rule.windows:
                kept = self._kept(f"{rule.name}/{window}", window, rule, params)
                if kept is not None:
                    kept.sum.add(value, at, kept.half_life)

    def measure(self, name: str, value: float, at: float) -> bool:
        """Take in a measurement. False when it is not newer than the one already here."""
        former = self.measures.get(name)
        if (former is None and len(self.measures) >= MOST) or (former is not None and former.at >= at):
            return False
        self.at = max(self.at, at)
        self.fresh = self.fresh or former is None or former.value != value or at - former.at > 0
        self.measures[name] = Measured(value, at)
        return True

    def moved(self, params: ContextParams) -> bool:
        """Whether any shrunk mean changed by what is worth a word since it was last told."""
        at, least = self.at, params.min_change
        return any(abs(_mean(kept, at, params) - kept.told) >= least for kept in self.sums.values())

    def tell(self, params: ContextParams) -> ContextUpdatedData:
        """Everything known as of `at`; from now on changes count from here."""
        self.told_at, self.fresh = self.at, False
        sums = {}
        for name, kept in self.sums.items():
            kept.told = _mean(kept, self.at, params)
            left = kept.sum.left(self.at, kept.half_life)
            weight, total = kept.sum.weight * left, kept.sum.total * left
            sums[name] = FadingSum(half_life_s=kept.half_life, weight=weight, total=total)
        new_enough = self.at - params.measured_for_s
        measures = {name: m.value for name, m in self.measures.items() if m.at >= new_enough}
        return ContextUpdatedData(sums=sums, measures=measures)

    def _kept(self, name: str, window: str, rule: Rule, params: ContextParams) -> Kept | None:
        kept = self.sums.get(name)
        if kept is None and len(self.sums) < MOST:
            kept = Kept(sum=Fading(self.at), half_life=half_life_s(window), scale=rule.scale, told=params.prior)
            self.sums[name] = kept
        return kept


def _mean(kept: Kept, at: float, params: ContextParams) -> float:
    left = kept.sum.left(at, kept.half_life)
    total = kept.sum.total * left / kept.scale
    return (total + params.strength * params.prior) / (kept.sum.weight * left + params.strength)
