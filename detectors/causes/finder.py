"""One family of cases: whose rate has shifted against its own past, and what is the narrowest that explains it.

Every entity of a case is counted, look by look. Expected of an entity is what is usual for its cases (look and hour),
shifted by how it fared in its own past, and by how the rest of what it lies within fares now: so a state within a
nationwide wave is a cause of its own only by what it suffers beyond the others. What holds other causes is one only if
it would be one without each of them.
"""

from collections.abc import Iterable

import msgspec

from detectors.causes.cause import Cause, Told, cause_id
from detectors.causes.picture import Picture
from detectors.causes.rules import NO_CAUSES, PLACES, ROOT, WITHIN, CauseRule
from detectors.causes.tally import Seen
from detectors.entities import entity_id
from models.events.case_observed import CaseObserved

OPEN_LEARNS = 0.1
"""So much of a case goes into the past while a cause of its own is open."""

Within = dict[str, tuple[str, ...]]
"""The entities of a case, the narrowest first, with what each lies within."""


class CauseFinder:
    """Pure: what it finds depends on nothing but the sequence of cases."""

    def __init__(self, rule: CauseRule) -> None:
        self.rule = rule
        self.picture = Picture(rule)
        self.causes: dict[str, Cause] = {}

    def apply(self, case: CaseObserved) -> list[Told]:
        """Take in one case; what is to be told because of it, in order."""
        at, data, picture = case.time.timestamp(), case.data, self.picture
        within, look = _within(data.entities), "" if self.rule.counts else data.look
        hot = [self.causes[entity] for entity in within if entity in self.causes]
        learns = OPEN_LEARNS if hot else 1.0
        usual, share = picture.begin(look, at, learns)
        for entity, around in within.items():
            expected = Seen(1.0, 0.0, share).shifted(_beside(entity, around, hot)).share
            picture.add((entity, look), at, data.bad, expected, learns)
        picture.learn(look, at, data.bad, learns)
        told = self._follow(at, within, data.first and data.bad > 0.0)
        if data.bad > 0.0 and at - usual.since >= self.rule.warm_up_s:
            told += self._open(within, look, case, at)
        return told

    def _open(self, within: Within, look: str, case: CaseObserved, at: float) -> Iterable[Told]:
        for entity, around in within.items():
            if entity in self.causes:
                continue
            seen = self.picture.against(entity, around, look, at)
            if not self._is_cause(seen) or self._is_explained(entity, look, at):
                continue
            named = {kind: name for kind, name in case.data.entities.items() if entity_id(kind, name) == entity}
            rate, expected = self.picture.rates(seen)
            cause = self.causes[entity] = Cause(
                cause_id=cause_id(self.rule.family, entity, case.id), entity=entity, look=look, within=around,
                since=at - self.picture.window_s, entities=named, opened_at=at, rate=rate, expected=expected,
                lift=max(1.0, seen.odds_ratio(self.rule.strength)), cases=max(1, round(seen.bad)),
            ).told(at)  # fmt: skip
            yield Told("opened", cause, at)

    def _follow(self, at: float, within: Within, first: bool) -> list[Told]:
        """Open causes as time passes: which have grown, changed, or come to an end."""
        told: list[Told] = []
        for entity, before in list(self.causes.items()):
            found = self._worst(entity, at)
            if found is None:
                del self.causes[entity]
                told.append(Told("closed", before, at))
                continue
            look, seen = found
            rate, expected = self.picture.rates(seen)
            cause = msgspec.structs.replace(
                before, look=look, rate=rate, expected=expected, cases=before.cases + int(first and entity in within),
                lift=max(1.0, seen.odds_ratio(self.rule.strength)),
            )  # fmt: skip
            if cause.is_news(at, self.picture.window_s):
                cause = cause.told(at)
                told.append(Told("changed", cause, at))
            self.causes[entity] = cause
        return told

    def _is_cause(self, seen: Seen, scale: float = 1.0) -> bool:
        rule = self.rule
        return (
            seen.bad >= rule.floor * scale
            and (rule.counts or seen.bad >= rule.rate * scale * (seen.cases + rule.few))
            and seen.odds_ratio(0.0) >= 1.0 + (rule.ratio - 1.0) * scale
            and seen.evidence() >= rule.evidence * scale
        )

    def _is_explained(self, entity: str, look: str, at: float) -> bool:
        """Whether one open cause within it is all there is to it."""
        parts = [other for other, cause in self.causes.items() if entity in cause.within]
        if not parts:
            return False
        seen = self.picture.seen(entity, look, at)
        return any(not self._is_cause(seen.less(self.picture.seen(other, look, at))) for other in parts)

    def _worst(self, entity: str, at: float) -> tuple[str, Seen] | None:
        """The look that keeps it open with most evidence, or None."""
        all_looks = [(look, self.picture.seen(entity, look, at)) for look in self.picture.looks(entity)]
        found = [(seen.evidence(), look, seen) for look, seen in all_looks if self._is_cause(seen, self.rule.closes)]
        return max(found)[1:] if found else None


def _beside(entity: str, around: tuple[str, ...], hot: list[Cause]) -> float:
    """What open causes explain of a case that neither lie within the entity nor hold it (that is asked later)."""
    if entity.partition(":")[0] in PLACES:
        return 1.0
    return max(
        (
            cause.lift
            for cause in hot
            if cause.entity != entity and cause.entity not in around and entity not in cause.within
        ),
        default=1.0,
    )


def _within(entities: dict[str, str]) -> Within:
    ids = {kind: entity_id(kind, name) for kind, name in entities.items() if kind not in NO_CAUSES}
    if any(ROOT in WITHIN.get(kind, (ROOT,)) for kind in ids) or not ids:
        ids[ROOT] = ROOT
    found = {
        ids[kind]: tuple(ids[parent] for parent in WITHIN.get(kind, (ROOT,)) if parent in ids)
        for kind in ids
        if kind != ROOT
    }
    return {**dict(sorted(found.items(), key=lambda one: -len(one[1]))), **({ROOT: ()} if ROOT in ids else {})}
