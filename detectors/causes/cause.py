"""The life of one cause: it opens, gathers its customers, grows or worsens, closes."""

from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from models.events.cause_changed import CauseChange

TELL_RATIO, TELL_CASES = 1.5, 2.0
"""A change is told when the rate moved by so many times, or so many times the customers were gathered."""

TELL_FROM_CASES = 8
STEP = "step"
"""A cause that moves from this look to others, or back, has changed: first sellers were late, then the carrier."""


class Cause(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """One run from open to closed, as it stands; `told_*` as it was last told. Instants in seconds since 1970.

    `rate` and `expected` are shares of the cases at `look`, or cases per hour; `lift` is the odds ratio of the two.
    """

    cause_id: str
    entity: str
    entities: dict[str, str]
    within: tuple[str, ...]
    look: str
    since: float
    opened_at: float
    rate: float
    expected: float
    lift: float
    cases: int
    told_at: float = float("-inf")
    told_rate: float = 0.0
    told_cases: int = 0
    told_look: str = ""

    def is_news(self, at: float, every_s: float) -> bool:
        """Whether it changed enough to matter since it was last told, or it is time to say that it still stands."""
        ratio = self.rate / self.told_rate if self.told_rate > 0.0 else TELL_RATIO
        moved = (self.look == STEP) != (self.told_look == STEP)
        grew = self.cases >= max(TELL_FROM_CASES, TELL_CASES * self.told_cases)
        return moved or grew or ratio >= TELL_RATIO or ratio <= 1.0 / TELL_RATIO or at - self.told_at >= every_s

    def told(self, at: float) -> "Cause":
        """The same, where changes count from here."""
        return msgspec.structs.replace(
            self, told_at=at, told_rate=self.rate, told_cases=self.cases, told_look=self.look
        )


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An open cause for whoever looks on: what it is about (empty: all of the family), and whom it has touched.

    `rate` and `expected` as in `Cause`; `since`: when it opened. Without another word by `stands_until` it is over.
    """

    cause_id: str
    family: str
    entities: dict[str, str]
    cases: int
    rate: float
    expected: float
    since: datetime
    stands_until: datetime


class Told(NamedTuple):
    """A word about a cause as it stood `at`."""

    change: CauseChange
    cause: Cause
    at: float


def cause_id(family: str, entity: str, opened_by: str) -> str:
    """The cause's id for ever: of what it is about and the case that opened it."""
    digest = blake2b(f"{family}\x00{entity}\x00{opened_by}".encode(), digest_size=8).hexdigest()
    return f"cause:{digest}"
