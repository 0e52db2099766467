"""What customers of the simulated shop use day by day: more on weekends, nothing on holiday, and some stop."""

from datetime import datetime, timedelta
from typing import Final

from desk.sources.shop_diary import Diary, days
from models.events.usage_counted import UsageCounted, UsageCountedData

OWNED_SHARE = 0.15
STOPS_SHARE = 0.12
HOLIDAY_SHARE = 0.3
LESS_SHARE = 0.1
"""From some day on one third less: life changes."""

GOES_ON: Final[timedelta] = timedelta(days=70)
"""All use is counted until so long after the last customer joined."""


def usage(diary: Diary, joins: datetime, end: datetime) -> None:
    """One customer in seven uses it: counted every evening. Who loses interest uses a fifth or less of it."""
    if not diary.owns(OWNED_SHARE):
        return
    rate = diary.about(9.0, 0.5)
    turns, stops = joins + days(diary.between(44, 54)), diary.hits(STOPS_SHARE)
    left = diary.between(0.0, 0.2) if stops else (2 / 3 if diary.has(LESS_SHARE) else 1.0)
    away = joins + days(diary.between(20, 60)) if diary.has(HOLIDAY_SHARE) else None
    at = joins.replace(hour=22, minute=int(diary.rng.integers(0, 60)), second=0, microsecond=0)
    at += days(1) if at < joins else timedelta(0)
    while at < end + GOES_ON:
        expected = rate * (1.5 if at.weekday() >= 5 else 1.0) * (left if at >= turns else 1.0)
        if away is not None and away <= at < away + days(7):
            expected = 0.0
        amount = int(diary.rng.poisson(expected))
        if amount:
            diary.write(UsageCounted, at, UsageCountedData(metric="plays", amount=amount))
        at += days(1)
    if stops:
        diary.troubled("usage_drop", "", turns, days(diary.about(24, 0.4)), end + GOES_ON)
    else:
        diary.untroubled("usage_drop", "", joins, end + GOES_ON, None)
