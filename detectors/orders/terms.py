"""The terms of a linear score, parsed from the names of its weights.

- `airport.late/1h`: log odds of the share of `late` at the order's airport over the last hour, against the prior. A
  shorter window is shrunk to the next longer one of the same measure, the longest to the prior.
- `airport.late_min/1h`: log(1 + mean / 15) of a measure in minutes.
- `airport.cancelled/3h`: log(1 + count) of what only happens, without its opposite.
- `airport.wind_mph>20`: how far the newest measurement lies above 20, in tens of its unit; `<` for below.
- `own.waiting` and the like: of the order itself, see `outlook`.
- `bias`.
"""

from math import exp, log, log1p
from typing import NamedTuple

from detectors.context.fading import half_life_s
from detectors.knowledge import Known, fade, shrunk
from models.events.context_updated import FadingSum

MEANS = frozenset({"late_min", "delivered_late_min"})
COUNTS = frozenset({"cancelled", "precipitation_in"})
MEASURES_FOR_S = 6 * 3600.0
"""A measurement older than this says nothing about now."""

PRIOR = 0.1
"""The share of trouble where nothing is known."""

STRENGTH = 4.0
"""So many cases the prior, or the longer window, is worth."""

_PRIOR_LOGIT = log(PRIOR / (1.0 - PRIOR))
_BOUND = 60.0
_TOGETHER_S = 300.0
_LEAST, _MOST = 1e-4, 1.0 - 1e-4


class Sum(NamedTuple):
    """One fading sum, `measure/window` as context names it; `mean` is False for one that only counts."""

    name: str
    half_life_s: float
    mean: bool
    weight: float
    feature: str


class Hinge(NamedTuple):
    """One measurement beyond a limit: `sign` is 1.0 for above, -1.0 for below."""

    name: str
    limit: float
    sign: float
    weight: float
    feature: str


class Found(NamedTuple):
    """What an entity adds to the score, on how many cases it rests, and the raw features."""

    score: float
    cases: float
    features: dict[str, float]


class EntityTerms:
    """All terms of one kind of entity. `sums` names the measures that any of them reads.

    Raises `ValueError` for a name that is no term.
    """

    def __init__(self, kind: str, weights: dict[str, float]) -> None:
        chains: dict[str, list[Sum]] = {}
        self._plain: list[Sum] = []
        self._hinges: list[Hinge] = []
        for name, weight in weights.items():
            measure, _, window = name.partition("/")
            if not window:
                self._hinges.append(_hinge(name, weight, f"{kind}.{name}"))
                continue
            term = Sum(name, half_life_s(window), measure not in COUNTS, weight, f"{kind}.{name}")
            if measure in MEANS or measure in COUNTS:
                self._plain.append(term)
            else:
                chains.setdefault(measure, []).append(term)
        self._chains = [sorted(chain, key=lambda one: -one.half_life_s) for chain in chains.values()]
        self.sums = frozenset(chains) | {one.name.partition("/")[0] for one in self._plain}

    def read(self, known: Known, now: float) -> Found:
        """What is known of the entity as of `now`, to five minutes: orders that look at it together share the work."""
        place = now // _TOGETHER_S
        former: tuple[float, Found] | None = known.memo.get(self)
        if former is not None and former[0] == place:
            return former[1]
        found = self._read(known, place * _TOGETHER_S - known.at)
        known.memo[self] = (place, found)
        return found

    def _read(self, known: Known, elapsed_s: float) -> Found:
        features: dict[str, float] = {}
        sums = known.data.sums
        score, cases = self._shares(sums, elapsed_s, features)
        for name, _, mean, weight, feature in self._plain:
            fading = sums.get(name)
            if fading is not None:
                left = fade(fading, elapsed_s)
                seen, total = fading.weight * left, fading.total * left
                if seen > cases:
                    cases = seen
                if mean:
                    total /= (seen + STRENGTH) * 15.0
                value = features[feature] = log1p(total) if total > 0.0 else 0.0
                score += weight * value
        if self._hinges and elapsed_s <= MEASURES_FOR_S:
            score += self._measured(known.data.measures, features)
        return Found(score, cases, features)

    def _measured(self, measures: dict[str, float], features: dict[str, float]) -> float:
        score = 0.0
        for name, limit, sign, weight, feature in self._hinges:
            measured = measures.get(name)
            if measured is not None and (beyond := sign * (measured - limit)) > 0.0:
                value = features[feature] = min(beyond / 10.0, _BOUND)
                score += weight * value
        return score

    def _shares(self, sums: dict[str, FadingSum], elapsed_s: float, features: dict[str, float]) -> tuple[float, float]:
        score = cases = 0.0
        for chain in self._chains:
            share = PRIOR
            for name, _, _, weight, feature in chain:
                fading = sums.get(name)
                if fading is not None:
                    left = fade(fading, elapsed_s)
                    seen = fading.weight * left
                    if seen > cases:
                        cases = seen
                    share = _within(shrunk(seen, fading.total * left, share, STRENGTH))
                    value = features[feature] = log(share / (1.0 - share)) - _PRIOR_LOGIT
                    score += weight * value
        return score, cases


def _within(share: float) -> float:
    """A share that has log odds; sums of what is no share may lie outside."""
    if share < _LEAST:
        return _LEAST
    return share if share < _MOST else _MOST


def _hinge(name: str, weight: float, feature: str) -> Hinge:
    for mark, sign in ((">", 1.0), ("<", -1.0)):
        source, found, limit = name.partition(mark)
        if found:
            return Hinge(source, float(limit), sign, weight, feature)
    raise ValueError(f"{feature} is no term: like airport.late/1h, airport.wind_mph>20 or airport.visibility_mi<3")


def logistic(score: float) -> float:
    """The probability of a score in logits."""
    if score > _BOUND:
        score = _BOUND
    elif score < -_BOUND:
        score = -_BOUND
    return 1.0 / (1.0 + exp(-score))
