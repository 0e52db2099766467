"""The wall clocks of customers, over every change of clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.season import (
    HOUR_S,
    HOURS,
    awake_s,
    awake_until,
    begins,
    day_of,
    heard,
    hour_of_week,
    hours_between,
    is_awake,
    weekday,
    zone_named,
)

ZONES = [
    "", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo",
    "America/Havana", "Asia/Kolkata", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Kathmandu",
]  # fmt: skip
zones = st.sampled_from(ZONES)
instants = st.integers(
    int(datetime(2000, 1, 2, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
)
spans = st.floats(0, 9 * 86_400)
weeks = st.binary(min_size=21, max_size=21)


def at(zone: str, *wall: int) -> float:
    return datetime(*wall, tzinfo=ZoneInfo(zone)).timestamp()  # type: ignore[misc, arg-type]


@given(instants, zones)
def test_a_day_begins_once_and_the_instant_before_is_the_day_before(seconds: int, zone: str) -> None:
    day = day_of(seconds, zone)
    began = begins(day, zone)
    assert began <= seconds < begins(day + 1, zone)
    assert (day_of(began, zone), day_of(began - 1, zone)) == (day, day - 1)
    assert 22 * HOUR_S <= begins(day + 1, zone) - began <= 26 * HOUR_S
    assert weekday(day) == datetime.fromtimestamp(seconds, zone_named(zone)).weekday()


@given(instants, spans, zones)
def test_hours_cover_a_span_without_gap_or_overlap_and_are_named_as_on_the_wall(
    seconds: int, span: float, zone: str
) -> None:
    parts = list(hours_between(seconds, seconds + span, zone))
    assert sum(to - since for _, since, to in parts) == pytest.approx(span, abs=0.01)
    assert all(former[2] == later[1] for former, later in pairwise(parts))
    for hour, since, to in parts:
        assert 0 <= hour < HOURS
        assert hour == hour_of_week(since, zone) == hour_of_week(max(since, to - 0.5), zone)


@given(weeks, instants, spans, zones)
def test_time_awake_is_reached_when_it_is_said_to_be(week: bytes, seconds: int, span: float, zone: str) -> None:
    awake = awake_s(week, seconds, seconds + span, zone)
    assert 0.0 <= awake <= span + 0.01
    if awake > 1.0:
        until = awake_until(week, seconds, awake, zone, seconds + 20 * 86_400.0)
        assert awake_s(week, seconds, until, zone) == pytest.approx(awake, abs=0.01)
        assert until <= seconds + span + 0.01


@given(weeks, instants, st.floats(1, 6 * 86_400), zones)
def test_after_a_sign_of_life_the_hours_before_it_were_silent(week: bytes, last: int, gap: float, zone: str) -> None:
    new = heard(week, last, last + gap, zone)
    ends = {hour_of_week(last, zone), hour_of_week(last + gap, zone)}
    touched = {hour for hour, _, _ in hours_between(last, last + gap, zone)} | ends
    for hour in range(HOURS):
        expected = hour in ends if hour in touched and gap > HOUR_S else is_awake(week, hour) or hour in ends
        assert is_awake(new, hour) == expected


@pytest.mark.parametrize(
    ("zone", "wall", "hours"),
    [
        ("Europe/Berlin", (2025, 3, 30), 23),
        ("Europe/Berlin", (2025, 10, 26), 25),
        ("America/New_York", (2025, 3, 9), 23),
    ],
)
def test_days_of_a_change_of_clocks_are_shorter_or_longer(zone: str, wall: tuple[int, int, int], hours: int) -> None:
    day = day_of(at(zone, *wall, 12), zone)
    assert begins(day + 1, zone) - begins(day, zone) == hours * HOUR_S


def test_eight_in_the_morning_is_the_same_hour_of_the_week_before_and_after_a_change_of_clocks() -> None:
    zone = "America/New_York"
    winter, summer = at(zone, 2025, 3, 3, 8), at(zone, 2025, 3, 10, 8)
    assert hour_of_week(winter, zone) == hour_of_week(summer, zone) == 8
    assert summer - winter == timedelta(days=7).total_seconds() - HOUR_S
    assert hour_of_week(winter, "") != hour_of_week(summer, "")


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Europe", "x" * 64])
def test_a_zone_that_there_is_not_is_utc(name: str) -> None:
    assert zone_named(name) is UTC
