"""The hour of the week on a customer's own wall clock, and what a thing of theirs usually does in it.

Instants are seconds since 1970 UTC and never ambiguous; only their names on the wall are. So everything is counted in
instants, and an hour that a change of clocks skips or repeats is simply not there, or there twice (zone names and
rules: RFC 6557; the database is the machine's, or the `tzdata` package's). A zone that is empty or unknown is UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

HOURS: Final = 168
HOUR_S: Final = 3_600.0
WEEK_BYTES: Final = HOURS // 8
_FIRST_DAY: Final = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - a date on the wall


@lru_cache(maxsize=2048)
def zone_named(name: str) -> tzinfo:
    """The zone; UTC when there is no such one. Never raises: names come from outside."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, LookupError, OSError):
        return UTC


def hour_of_week(seconds: float, zone: str) -> int:
    """0 is the first hour of Monday, 167 the last of Sunday."""
    wall = datetime.fromtimestamp(seconds, zone_named(zone))
    return wall.weekday() * 24 + wall.hour


def day_of(seconds: float, zone: str) -> int:
    """The day on the wall, in days since 1 January 1970."""
    return datetime.fromtimestamp(seconds, zone_named(zone)).toordinal() - _FIRST_DAY


def weekday(day: int) -> int:
    """0 is Monday."""
    return (day + 3) % 7


def begins(day: int, zone: str) -> float:
    """The instant at which the day begins. Where midnight comes twice it is the second: the first is the day before."""
    midnight = datetime(1970, 1, 1, tzinfo=zone_named(zone)) + timedelta(days=day)
    at = midnight.timestamp()
    return at if day_of(at, zone) >= day else midnight.replace(fold=1).timestamp()


def hours_between(since: float, until: float, zone: str) -> Iterator[tuple[int, float, float]]:
    """Each hour of the week that [since, until) touches, in order, with the instants it is touched from and to."""
    named = zone_named(zone)
    while since < until:
        wall = datetime.fromtimestamp(since, named)
        into_s = wall.minute * 60 + wall.second + wall.microsecond / 1e6
        to = min(until, since + max(1.0, HOUR_S - into_s))
        yield wall.weekday() * 24 + wall.hour, since, to
        since = to


def is_awake(week: bytes, hour: int) -> bool:
    """Whether it was heard of in this hour when it came last. Of a week that is not known all hours are."""
    return not week or bool(week[hour >> 3] & (1 << (hour & 7)))


def heard(week: bytes, last: float, now: float, zone: str) -> bytes:
    """The week after a sign of life at `now`, the first since `last`: hours wholly in between were silent."""
    marks = bytearray(week or b"\xff" * WEEK_BYTES)
    first, newest = hour_of_week(last, zone), hour_of_week(now, zone)
    if first != newest or now - last > HOUR_S:
        for hour, _, _ in hours_between(max(last, now - HOURS * HOUR_S), now, zone):
            marks[hour >> 3] &= ~(1 << (hour & 7))
        marks[first >> 3] |= 1 << (first & 7)
    marks[newest >> 3] |= 1 << (newest & 7)
    return bytes(marks)


def awake_s(week: bytes, since: float, until: float, zone: str) -> float:
    """How much of [since, until) lies in hours in which it is usually heard of, in seconds."""
    if not week:
        return max(0.0, until - since)
    return sum(to - at for hour, at, to in hours_between(since, until, zone) if is_awake(week, hour))


def awake_until(week: bytes, since: float, seconds: float, zone: str, latest: float) -> float:
    """The instant at which `awake_s` reaches `seconds`, at most `latest`."""
    if not week:
        return min(latest, since + seconds)
    left = seconds
    for hour, at, to in hours_between(since, latest, zone):
        if is_awake(week, hour):
            if to - at >= left:
                return at + left
            left -= to - at
    return latest
