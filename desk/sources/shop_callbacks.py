"""Calls that the simulated shop promised: made in time, a little late, far too late, or never."""

from datetime import datetime

from desk.sources.shop_diary import Diary, days, minutes
from models.events.callback_made import CallbackMade, CallbackMadeData
from models.events.callback_promised import CallbackPromised, CallbackPromisedData

OWNED_SHARE = 0.25
MISSED_SHARE = 0.15
LATE_SHARE = 0.08
"""A few minutes late: nobody minds."""


def callback(diary: Diary, joins: datetime, _end: datetime) -> None:
    """One in four customers is promised one. Of those missed, one in three is never made."""
    if not diary.owns(OWNED_SHARE):
        return
    name, at = f"{diary.customer}-cb0", joins + days(diary.between(0.2, 6))
    promised = at + minutes(diary.between(120, 1500))
    diary.write(CallbackPromised, at, CallbackPromisedData(callback_id=name, promised_by=promised))
    made: datetime | None
    if diary.hits(MISSED_SHARE):
        made = promised + minutes(diary.between(120, 3000)) if diary.has(2 / 3) else None
        diary.troubled("callback_missed", name, promised, minutes(diary.about(200, 0.8)), made)
    else:
        late = diary.has(LATE_SHARE)
        made = promised + minutes(diary.between(1, 25)) if late else at + (promised - at) * diary.between(0.1, 1.0)
        diary.untroubled("callback_missed", name, at, promised, made)
    if made is not None:
        diary.write(CallbackMade, made, CallbackMadeData(callback_id=name, reached=diary.has(0.8)))
