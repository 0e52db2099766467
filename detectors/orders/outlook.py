"""How likely an order is to end in trouble: a linear score of what is known at one instant, per phase of its way."""

from collections.abc import Mapping
from math import log1p
from typing import NamedTuple

from detectors.entities import entity_id
from detectors.knowledge import Knowledge
from detectors.orders.journey import Journey
from detectors.orders.terms import NOT_KNOWN, EntityTerms, logistic

Weights = Mapping[str, Mapping[str, float]]

FAR, NEAR, MOVING, WAITING, OVERDUE = "far", "near", "moving", "waiting", "overdue"
PHASES = (FAR, NEAR, MOVING, WAITING, OVERDUE)

NEAR_S = 5_400.0
"""From so long before a planned time on, what is known is weighed as `near`."""


class Outlook(NamedTuple):
    """A score in logits with what it was made from. `cases`: how many the best known entity rests on."""

    phase: str
    score: float
    probability: float
    cases: float
    features: dict[str, float]

    @property
    def stage(self) -> str:
        """The kind of trouble: nothing missed yet, a step missed, or the promise."""
        return self.phase if self.phase in (WAITING, OVERDUE) else "at_risk"


class Scorer:
    """Scores of one set of weights, `phase -> feature -> weight`. Raises `ValueError` for an unknown phase."""

    def __init__(self, weights: Weights) -> None:
        unknown = set(weights) - set(PHASES)
        if unknown:
            raise ValueError(f"no such phase: {', '.join(sorted(unknown))}; there are {', '.join(PHASES)}")
        self._own: dict[str, dict[str, float]] = {}
        self._kinds: dict[str, dict[str, EntityTerms]] = {}
        for phase in PHASES:
            by_kind: dict[str, dict[str, float]] = {}
            for name, weight in weights.get(phase, {}).items():
                kind, _, rest = name.partition(".")
                by_kind.setdefault(kind if rest else "own", {})[rest or name] = weight
            self._own[phase] = by_kind.pop("own", {})
            self._kinds[phase] = {kind: EntityTerms(kind, terms) for kind, terms in by_kind.items()}

    def outlook(self, order: Journey, knowledge: Knowledge, now: float) -> Outlook:
        """What is known of the order and of what it shares with others, as of `now`."""
        phase = phase_of(order, now)
        score, features = self._of_its_own(order, phase, now)
        cases = 0.0
        kinds = self._kinds[phase]
        for kind, name in order.entities.items():
            terms = kinds.get(kind)
            if terms is None:
                continue
            known = knowledge.known(entity_id(kind, name))
            found = NOT_KNOWN if known is None else terms.read(known, now)
            score += found.score
            cases = max(cases, found.cases)
            features.update(found.features)
        return Outlook(phase, score, logistic(score), cases, features)

    def _of_its_own(self, order: Journey, phase: str, now: float) -> tuple[float, dict[str, float]]:
        weights = self._own[phase]
        waiting = now - order.next_due if order.steps else 0.0
        features = {
            "own.late": _slow(order.lateness_s),
            "own.waiting": _slow(waiting),
            "own.overdue": _slow(now - order.promised),
        }
        score = weights.get("bias", 0.0)
        for name, value in features.items():
            score += weights.get(name[4:], 0.0) * value
        return score, features


def phase_of(order: Journey, now: float) -> str:
    """Which weights apply."""
    if now >= order.promised:
        return OVERDUE
    if order.steps and now > order.next_due:
        return WAITING
    if order.begun:
        return MOVING
    return NEAR if order.next_due - now < NEAR_S else FAR


def _slow(late_s: float) -> float:
    """Lateness as log(1 + minutes / 15)."""
    return log1p(max(0.0, late_s) / 900.0)
