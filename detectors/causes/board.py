"""All families of cases in one partition of the observations, with their states as bytes."""

from datetime import datetime

import msgspec

from detectors.causes.cause import Cause, Standing, Told
from detectors.causes.finder import CauseFinder
from detectors.causes.rules import SHIPPED, CauseRule
from detectors.causes.tally import Tally
from detectors.causes.usual import Usual
from detectors.context.fading import half_life_s
from detectors.entities import CASES
from models.events.case_observed import CaseObserved
from models.events.cause_changed import CauseChanged, CauseChangedData
from models.instants import instant

PREFIX = b"\x00causes:"
DAY_S = 86_400.0
STANDS_FOR = 3
"""Windows for which a word on a cause stands: it is said anew every window."""

FORGET_AFTER = 4.0
"""Times the past's mean age, after which the tally of a silent entity is forgotten."""


class Whole(msgspec.Struct, array_like=True):
    """A family without its tallies."""

    usual: Usual | None
    causes: list[Cause]


class CauseBoard:
    """Finds causes, family by family. Families without a rule are counted by none."""

    def __init__(self, partition: int, rules: tuple[CauseRule, ...] = SHIPPED) -> None:
        self._partition = partition
        self._finders = {rule.family: CauseFinder(rule) for rule in rules}
        self._touched: dict[str, None] = {}
        self._gone: list[bytes] = []

    def apply(self, case: CaseObserved, offset: int) -> list[CauseChanged]:
        """Take in one case; what every journal partition is to know because of it."""
        family = case.subject.removeprefix(CASES)
        finder = self._finders.get(family)
        if finder is None:
            return []
        self._touched[family] = None
        before = finder.picture.until
        told = finder.apply(case)
        if finder.picture.until // DAY_S != before // DAY_S:  # once a day is enough
            self._forget(family, finder)
        return [self._word(family, one, f"cc-{self._partition}-{offset}-{nth}") for nth, one in enumerate(told)]

    def standing(self) -> list[Standing]:
        """All that are open, family by family."""
        return [
            Standing(
                cause_id=one.cause_id, family=family, entities=one.entities, cases=one.cases, rate=one.rate,
                expected=one.expected, since=instant(one.opened_at), stands_until=self._until(family, one.told_at),
            )
            for family, finder in self._finders.items()
            for one in finder.causes.values()
        ]  # fmt: skip

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one state. Raises `msgspec.DecodeError` when it is not one of ours."""
        family, entity, look = key[len(PREFIX) :].decode().split("\x00")
        finder = self._finders.get(family)
        if finder is None:
            return
        if look or entity:
            finder.picture.tallies[entity.removeprefix("="), look] = _TALLY.decode(value)
            return
        whole = _WHOLE.decode(value)
        finder.picture.usual, finder.causes = whole.usual, {cause.entity: cause for cause in whole.causes}

    def drain(self) -> list[tuple[bytes, bytes | None]]:
        """Every touched state as bytes; None for what was forgotten."""
        states: list[tuple[bytes, bytes | None]] = [(key, None) for key in self._gone]
        for family in self._touched:
            finder = self._finders[family]
            picture = finder.picture
            states.append((_key(family), _ENCODER.encode(Whole(picture.usual, list(finder.causes.values())))))
            states += [
                (_key(family, f"={entity}", look), _ENCODER.encode(picture.tallies[entity, look]))
                for entity, look in picture.touched
                if (entity, look) in picture.tallies
            ]
            picture.touched.clear()
        self._touched.clear()
        self._gone = []
        return states

    def _forget(self, family: str, finder: CauseFinder) -> None:
        before = finder.picture.until - FORGET_AFTER * half_life_s(finder.rule.past)
        for entity, look in finder.picture.forget(before):
            self._gone.append(_key(family, f"={entity}", look))

    def _word(self, family: str, told: Told, event_id: str) -> CauseChanged:
        cause = told.cause
        data = CauseChangedData(
            change=told.change, family=family, look=cause.look, entities=cause.entities,
            rate=cause.rate, expected=cause.expected,
            since=instant(cause.since), opened_at=instant(cause.opened_at), cases=cause.cases,
            stands_until=self._until(family, told.at),
        )  # fmt: skip
        return CauseChanged(id=event_id, source="context", subject=cause.cause_id, time=instant(told.at), data=data)

    def _until(self, family: str, told_at: float) -> datetime:
        return instant(told_at + STANDS_FOR * self._finders[family].picture.window_s)


def _key(family: str, entity: str = "", look: str = "") -> bytes:
    return PREFIX + f"{family}\x00{entity}\x00{look}".encode()


_ENCODER = msgspec.msgpack.Encoder()
_TALLY = msgspec.msgpack.Decoder(Tally)
_WHOLE = msgspec.msgpack.Decoder(Whole)
