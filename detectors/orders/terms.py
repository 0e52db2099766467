"""The terms of a linear score, parsed from the names of its weights.

airport.late/1h         log odds of the share of `late` at the order's airport over the last hour, against the prior;
a shorter window is shrunk to the next longer one of the same measure, the longest to the prior
airport.late_min/1h     log(1 + mean / 15) of a measure in minutes
airport.cancelled/3h    log(1 + count) of what only happens, without its opposite
airport.wind_mph>20     how far the newest measurement lies above 20, in tens of its unit
airport.visibility_mi<3 how far it lies below 3
own.waiting             of the order itself, see `outlook`
bias
"""

from math import exp, log, log1p
from typing import NamedTuple

from detectors.context.fading import half_life_s
from detectors.knowledge import Known, fade, shrunk

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
_LEAST, _MOST = 1e-4, 1.0 - 1e-4


class Sum(NamedTuple):
    """One fading sum by the name context gives it."""

    source: str
    weight: float
    feature: str


class Hinge(NamedTuple):
    """One measurement beyond a limit: `sign` is 1.0 for above, -1.0 for below."""

    source: str
    limit: float
    sign: float
    weight: float
    feature: str


class Found(NamedTuple):
    """What an entity adds to the score, on how many cases it rests, and the raw features."""

    score: float
    cases: float
    features: dict[str, float]


NOT_KNOWN = Found(0.0, 0.0, {})


class EntityTerms:
    """All terms of one kind of entity. `chains` hold the windows of one measure, the longest first."""

    def __init__(self, kind: str, weights: dict[str, float]) -> None:
        self.chains: list[list[Sum]] = []
        self.plain: list[tuple[Sum, bool]] = []
        self.hinges: list[Hinge] = []
        chains: dict[str, list[Sum]] = {}
        for name, weight in weights.items():
            feature = f"{kind}.{name}"
            if (hinge := _hinge(name, weight, feature)) is not None:
                self.hinges.append(hinge)
                continue
            measure = name.partition("/")[0]
            found = Sum(name, weight, feature)
            if measure in MEANS or measure in COUNTS:
                self.plain.append((found, measure in MEANS))
            else:
                chains.setdefault(measure, []).append(found)
        for chain in chains.values():
            self.chains.append(sorted(chain, key=lambda one: -half_life_s(one.source.partition("/")[2])))

    def read(self, known: Known, now: float) -> Found:
        """What is known of the entity, as of `now`. Remembered for the minute, as long as the word is the newest."""
        minute = now // 60.0
        memo = known.memo
        if memo is None:
            memo = known.memo = {}
        former = memo.get(self)
        if former is not None and former[0] == minute:
            return former[1]  # type: ignore[no-any-return]
        found = self._read(known, minute * 60.0)
        memo[self] = (minute, found)
        return found

    def _read(self, known: Known, now: float) -> Found:
        elapsed, features = now - known.at, {}
        score = cases = 0.0
        sums = known.data.sums
        for chain in self.chains:
            share, most = PRIOR, 0.0
            for source, weight, feature in chain:
                fading = sums.get(source)
                if fading is None:
                    continue
                left = fade(fading, elapsed)
                share = min(_MOST, max(_LEAST, shrunk(fading.weight * left, fading.total * left, share, STRENGTH)))
                most = most or fading.weight * left
                value = log(share / (1.0 - share)) - _PRIOR_LOGIT
                features[feature] = value
                score += weight * value
            cases = max(cases, most)
        for (source, weight, feature), is_mean in self.plain:
            fading = sums.get(source)
            if fading is None:
                continue
            left = fade(fading, elapsed)
            total = fading.total * left
            if is_mean:
                total = max(0.0, total) / (fading.weight * left + STRENGTH) / 15.0
            value = features[feature] = log1p(max(0.0, total))
            score += weight * value
        if self.hinges and elapsed <= MEASURES_FOR_S:
            measures = known.data.measures
            for source, limit, sign, weight, feature in self.hinges:
                measured = measures.get(source)
                if measured is not None and (beyond := sign * (measured - limit)) > 0.0:
                    value = features[feature] = min(beyond / 10.0, _BOUND)
                    score += weight * value
        return Found(score, cases, features)


def _hinge(name: str, weight: float, feature: str) -> Hinge | None:
    for mark, sign in ((">", 1.0), ("<", -1.0)):
        source, found, limit = name.partition(mark)
        if found:
            return Hinge(source, float(limit), sign, weight, feature)
    return None


def logistic(score: float) -> float:
    """The probability of a score in logits."""
    return 1.0 / (1.0 + exp(-max(-_BOUND, min(_BOUND, score))))
