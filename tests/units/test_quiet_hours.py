"""Nothing rings in the customer's night, in any zone, on any day, whatever the clocks there do."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decisions import Limits
from notifiers.case import Hold, Wait
from notifiers.policy.quiet_hours import is_quiet, next_open, rule
from notifiers.zones import zone_named
from tests.notifier_cases import case, standing

ZONES = sorted(available_timezones())
PER_ZONE = 20
LIMITS = Limits()


@cache
def changes(name: str, year: int) -> tuple[datetime, ...]:
    """The days of a year on which a zone's clocks change (UTC midnights)."""
    zone, start = ZoneInfo(name), datetime(year, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=day) for day in range(367)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return tuple(day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after)


@st.composite
def zone_and_instants(draw: st.DrawFn) -> tuple[str, list[datetime]]:
    """Half of the instants lie within two days of a change of the clocks, where there is one that year."""
    name, year = draw(st.sampled_from(ZONES)), draw(st.integers(1980, 2036))
    start = datetime(year, 1, 1, tzinfo=UTC)
    minutes = draw(st.lists(st.integers(0, 365 * 1440), min_size=PER_ZONE // 2, max_size=PER_ZONE // 2))
    near = draw(st.lists(st.integers(-1440, 2880), min_size=PER_ZONE // 2, max_size=PER_ZONE // 2))
    found = changes(name, year) or (start,)
    at = [start + timedelta(minutes=minute) for minute in minutes]
    return name, at + [found[place % len(found)] + timedelta(minutes=minute) for place, minute in enumerate(near)]


@settings(max_examples=500)
@given(drawn=zone_and_instants())
def test_ten_thousand_times_nothing_rings_between_nine_and_eight_and_none_waits_longer_than_it_must(
    drawn: tuple[str, list[datetime]],
) -> None:
    name, instants = drawn
    zone = ZoneInfo(name)
    assert len(instants) == PER_ZONE
    for at in instants:
        finding = rule(case(channel="sms", now=at, standing=standing(zone=name)))
        rings_at = finding.until if isinstance(finding, Wait) else at
        assert not isinstance(finding, Hold)
        assert 8 <= rings_at.astimezone(zone).hour < 21
        assert rings_at >= at
        waiting = int((rings_at - at) / timedelta(minutes=30))
        assert all(is_quiet(at + timedelta(minutes=30 * step), zone, 21, 8) for step in range(waiting))
        assert rings_at == at or is_quiet(rings_at - timedelta(minutes=1), zone, 21, 8)


@settings(max_examples=150)
@given(drawn=zone_and_instants(), from_hour=st.integers(0, 23), until_hour=st.integers(0, 23))
def test_any_quiet_hours_are_kept(drawn: tuple[str, list[datetime]], from_hour: int, until_hour: int) -> None:
    zone = ZoneInfo(drawn[0])
    for at in drawn[1]:
        if from_hour != until_hour:
            assert not is_quiet(next_open(at, zone, from_hour, until_hour), zone, from_hour, until_hour)


@settings(max_examples=300)
@given(name=st.text(max_size=64) | st.sampled_from(["../../etc/passwd", "/etc/hosts", "America", "\x00", "A" * 5000]))
def test_a_zone_nobody_knows_is_never_rung(name: str) -> None:
    finding = rule(case(channel="sms", standing=standing(zone=name)))
    assert (zone_named(name) is None) == (finding == Hold(reason="zone_unknown"))


@pytest.mark.parametrize("channel", ["sms", "push", "voice"])
def test_every_ringing_channel_keeps_them_and_mail_does_not(channel: str) -> None:
    night = datetime(2013, 2, 8, 3, tzinfo=UTC)
    assert isinstance(rule(case(channel=channel, now=night)), Wait)
    assert rule(case(channel="email", now=night)) is None


DAYS_OF_CHANGE = [
    ("America/New_York", "2013-03-10T06:30+00:00", "2013-03-10T12:00+00:00"),  # spring: 01:30 EST -> 08:00 EDT
    ("America/New_York", "2013-11-03T05:30+00:00", "2013-11-03T13:00+00:00"),  # autumn: 01:30 EDT -> 08:00 EST
    ("Pacific/Apia", "2011-12-30T08:00+00:00", "2011-12-30T18:00+00:00"),  # the day that Samoa left out
    ("Asia/Kolkata", "2013-02-08T15:35+00:00", "2013-02-09T02:30+00:00"),  # 21:05, half an hour beside the full one
    ("Australia/Lord_Howe", "2013-10-05T15:00+00:00", "2013-10-05T21:00+00:00"),  # clocks move half an hour
]


@pytest.mark.parametrize(("zone", "at", "until"), DAYS_OF_CHANGE)
def test_mornings_come_when_they_come_there(zone: str, at: str, until: str) -> None:
    found = next_open(datetime.fromisoformat(at), ZoneInfo(zone), 21, 8)
    assert found == datetime.fromisoformat(until)


def test_a_night_that_starts_before_the_clocks_change_ends_at_the_new_time() -> None:
    """Casey moved three hours at once: two in the morning became five."""
    at = datetime(2009, 10, 17, 17, 30, tzinfo=UTC)
    assert next_open(at, ZoneInfo("Antarctica/Casey"), 21, 4) == datetime(2009, 10, 17, 18, tzinfo=UTC)
