"""Causes on complaints to a cable company: the surge of 23 to 25 June 2015."""

from datetime import UTC, datetime, timedelta

import msgspec

from bench.cause_words import runs, words
from desk.sources.histories import opened
from models.events.care_contact_opened import CareContactOpened

SURGE_FROM = datetime(2015, 6, 23, tzinfo=UTC)
SURGE_UNTIL = datetime(2015, 6, 26, tzinfo=UTC)
FIRST = 20
BEAT = timedelta(minutes=1)


class CallsFound(msgspec.Struct, frozen=True, kw_only=True):
    """When the surge's 20th complaint came, when its cause opened, and causes that opened outside the surge."""

    twentieth_at: datetime
    opened_at: datetime | None
    causes: int
    false: int


def calls_found() -> CallsFound:
    """Play the history, judge what was said."""
    history = opened("complaints")
    calls = [one.time for one in history.events() if isinstance(one, CareContactOpened) and one.time >= SURGE_FROM]
    found = [first for first, _ in runs(words(history.events(), [], BEAT, topics=("care.v1",)))]
    inside = [one.time for one in found if SURGE_FROM <= one.time < SURGE_UNTIL]
    return CallsFound(
        twentieth_at=calls[FIRST - 1], opened_at=min(inside, default=None), causes=len(found),
        false=len(found) - len(inside),
    )  # fmt: skip
