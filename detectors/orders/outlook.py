"""How likely an order is to end in trouble: a linear score of what is known at one instant, per phase of its way."""

from collections.abc import Mapping
from math import log1p
from typing import NamedTuple

from detectors.knowledge import Knowledge
from detectors.orders.journey import Journey
from detectors.orders.terms import EntityTerms
from detectors.readings import Factors

Weights = Mapping[str, Mapping[str, float]]

DISTANT, FAR, NEAR, MOVING, WAITING, OVERDUE = "distant", "far", "near", "moving", "waiting", "overdue"
PHASES = (DISTANT, FAR, NEAR, MOVING, WAITING, OVERDUE)
STAGES = dict.fromkeys((DISTANT, FAR, NEAR, MOVING), "at_risk") | {WAITING: "waiting", OVERDUE: "overdue"}
"""The kind of trouble: nothing missed yet, a step missed, or the promise."""

OWN = ("late", "waiting", "overdue")
"""Of the order itself: how late its last step was, its next one is, its promise is; log(1 + minutes / 15)."""

FAR_S, NEAR_S = 16_200.0, 5_400.0
"""From so long before a planned time on, what is known is weighed as `far`, as `near`."""


Outlook = tuple[str, float, float, list[Factors]]
"""The phase, a score in logits, on how many cases the best known entity rests, and the features it was made from."""


class _Phase(NamedTuple):
    bias: float
    own: list[tuple[str, str, float]]
    kinds: dict[str, EntityTerms]


class Scorer:
    """Scores of one set of weights, `phase -> feature -> weight`. Raises `ValueError` for a name that is none."""

    def __init__(self, weights: Weights) -> None:
        unknown = set(weights) - set(PHASES)
        if unknown:
            raise ValueError(f"no such phase: {', '.join(sorted(unknown))}; there are {', '.join(PHASES)}")
        self._phases = {phase: _parsed(weights.get(phase, {})) for phase in PHASES}

    def outlook(self, order: Journey, knowledge: Knowledge, now: float) -> Outlook:
        """What is known of the order and of what it shares with others, as of `now`."""
        phase = phase_of(order, now)
        score, own, kinds = self._phases[phase]
        cases = 0.0
        features: list[Factors] = []
        if own:
            mine = {}
            for term, feature, weight in own:
                value = mine[feature] = _own(order, term, now)
                score += weight * value
            features.append(mine)
        if kinds:
            known_of = knowledge.known
            for kind, entity in order.entities.items():
                terms = kinds.get(kind)
                if terms is not None and (known := known_of(f"{kind}:{entity}")) is not None:  # an `entity_id`
                    added, rests_on, read = terms.read(known, now)
                    score += added
                    if rests_on > cases:
                        cases = rests_on
                    features.append(read)
        return phase, score, cases, features

    def readers(self, sums: frozenset[str]) -> frozenset[str]:
        """The kinds of entities of which any score reads one of these sums (without their windows)."""
        return frozenset(
            kind for _, _, kinds in self._phases.values() for kind, terms in kinds.items() if terms.sums & sums
        )


def _parsed(weights: Mapping[str, float]) -> _Phase:
    by_kind: dict[str, dict[str, float]] = {}
    for name, weight in weights.items():
        kind, _, rest = name.partition(".")
        by_kind.setdefault(kind, {})[rest] = weight
    bias, own = by_kind.pop("bias", {}).get("", 0.0), by_kind.pop("own", {})
    if unknown := set(own) - set(OWN):
        raise ValueError(f"no such own feature: {', '.join(sorted(unknown))}; there are {', '.join(OWN)}")
    return _Phase(
        bias,
        [(term, f"own.{term}", weight) for term, weight in own.items()],
        {kind: EntityTerms(kind, terms) for kind, terms in by_kind.items()},
    )


def phase_of(order: Journey, now: float) -> str:
    """Which weights apply."""
    if now >= order.promised:
        return OVERDUE
    if order.steps and now > order.steps[0].due:
        return WAITING
    if order.begun:
        return MOVING
    ahead = order.next_due - now
    return NEAR if ahead < NEAR_S else FAR if ahead < FAR_S else DISTANT


def _own(order: Journey, term: str, now: float) -> float:
    if term == "late":
        late_s = order.lateness_s
    elif term == "overdue":
        late_s = now - order.promised
    else:
        late_s = now - order.steps[0].due if order.steps else 0.0
    return log1p(late_s / 900.0) if late_s > 0.0 else 0.0
