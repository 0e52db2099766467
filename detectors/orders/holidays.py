"""Federal holidays of the United States, around which more people travel than usual (5 U.S.C. 6103, as of 2013)."""

from datetime import date, timedelta
from functools import cache

FURTHEST = 7

_MONDAY, _THURSDAY = 0, 3
_FIXED = ((1, 1), (7, 4), (12, 25))
_NTH = ((1, _MONDAY, 3), (2, _MONDAY, 3), (9, _MONDAY, 1), (10, _MONDAY, 2), (11, _THURSDAY, 4))
"""Month, weekday, which of the month. Memorial Day, the last Monday of May, stands apart."""


@cache
def days_since_holiday(day: date) -> int:
    """Days from the nearest holiday to `day`, negative before it, at most seven either way."""
    nearest = min(((day - one).days for year in _around(day) for one in _of(year)), key=abs)
    return max(-FURTHEST, min(FURTHEST, nearest))


def _around(day: date) -> tuple[int, ...]:
    return (day.year - 1, day.year, day.year + 1)


@cache
def _of(year: int) -> tuple[date, ...]:
    fixed = [date(year, month, day) for month, day in _FIXED]
    floating = [_nth(year, month, weekday, which) for month, weekday, which in _NTH]
    june = date(year, 6, 1)
    memorial = june - timedelta(days=(june.weekday() - _MONDAY - 1) % 7 + 1)
    return (*fixed, *floating, memorial)


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
