"""Devices and customers with a week of their own, by the wall clock where they are, over a change of clocks."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.events.base import Event
from models.events.device_reported import DeviceReported, DeviceReportedData
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from models.events.tick import Tick, TickData
from models.events.usage_counted import UsageCounted, UsageCountedData
from tests.told import told

ZONE = ZoneInfo("America/New_York")
MONDAY = datetime(2025, 2, 10, tzinfo=ZONE)
"""Clocks go forward on 9 March, four weeks later."""

NO_WEEK = {"week_known_s": 400 * 86_400.0}


def profile(zone: str = "America/New_York") -> Event:
    data = ProfileChangedData(zone=zone)
    return ProfileChanged(id="zone", source="t", subject="c-1", time=MONDAY.astimezone(UTC), data=data)


def report(at: datetime) -> Event:
    data = DeviceReportedData(device_id="till")
    return DeviceReported(id=f"d-{at.isoformat()}", source="t", subject="c-1", time=at.astimezone(UTC), data=data)


def tick(at: datetime) -> Event:
    data = TickData(source_topic="telemetry.v1", source_partition=0, source_partitions=1)
    return Tick(id="tick", source="ingest", subject="tick", time=at.astimezone(UTC), data=data)


def office(days: int, until_hour: int = 18) -> list[Event]:
    """Every ten minutes from 8 to 18 on workdays, ticks every hour; on the last day it is off from `until_hour`."""
    events: list[Event] = [profile()]
    for day in range(days):
        for hour in range(24):
            wall = (MONDAY + timedelta(days=day)).replace(hour=hour)
            is_on = wall.weekday() < 5 and 8 <= hour < (until_hour if day == days - 1 else 18)
            events += [report(wall.replace(minute=minute)) for minute in range(0, 60, 10)] if is_on else []
            events.append(tick(wall.replace(minute=59)))
    return sorted(events, key=lambda event: event.time)


def opened(events: list[Event], params: dict[str, Any] | None = None) -> list[datetime]:
    issues = told("silent_device", events, params).issues
    return [issue.at.astimezone(ZONE) for issue in issues if issue.change == "opened"]


def test_an_office_is_missed_on_its_first_weekend_and_never_again_over_the_change_of_clocks() -> None:
    weekends = opened(office(42))
    assert [at.date() for at in weekends] == [(MONDAY + timedelta(days=5)).date()]
    assert len(opened(office(42), NO_WEEK)) >= 4


def test_an_office_that_is_silent_on_a_morning_is_missed_within_hours() -> None:
    silent = [*office(40, until_hour=10), *chain(tick(MONDAY + timedelta(days=39, hours=h)) for h in range(24, 30))]
    found = opened(silent)
    assert found[-1] - datetime(2025, 3, 21, 10, tzinfo=ZONE) < timedelta(hours=3)
    assert opened(silent, NO_WEEK)[-1].date() != found[-1].date()


def used(day: int, amount: int) -> Event:
    wall = (MONDAY + timedelta(days=day)).replace(hour=23, minute=30)
    data = UsageCountedData(metric="plays", amount=amount)
    return UsageCounted(id=f"u-{day}", source="t", subject="c-1", time=wall.astimezone(UTC), data=data)


@pytest.mark.parametrize("week_weight", [1.0, 1e6])
def test_who_only_comes_at_weekends_is_missed_when_they_stay_away(week_weight: float) -> None:
    weekends = [day for day in range(12 * 7) if day % 7 in (5, 6)]
    events = [profile(), *(used(day, 20) for day in weekends), tick(MONDAY + timedelta(days=12 * 7 + 20))]
    issues = told("usage_drop", events, {"week_weight": week_weight}).issues
    assert [issue.change for issue in issues] == (["opened"] if week_weight == 1.0 else [])
    for issue in issues:
        assert issue.evidence.since.astimezone(ZONE).hour == 0
        assert issue.evidence.expected == "about 80 plays in 14 days"


def test_the_day_is_the_customers_own() -> None:
    """Half past eleven in the evening in New York is the next day in UTC: there it would be another weekday."""
    weekends = [day for day in range(12 * 7) if day % 7 in (5, 6)]
    events = [profile(), *(used(day, 20) for day in weekends), tick(MONDAY + timedelta(days=12 * 7 + 20))]
    since = {
        zone: told("usage_drop", [profile(zone), *events[1:]]).issues[0].evidence.since for zone in ("UTC", str(ZONE))
    }
    assert since["UTC"].hour == 0
    assert since[str(ZONE)].hour == 4
