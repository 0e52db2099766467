"""What rings does not ring at night: in the customer's night, not ours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifiers.case import Case, Finding, Hold, Wait
from notifiers.zones import zone_named

STEP = timedelta(minutes=15)
"""Wall clocks everywhere differ from UTC by whole quarters of an hour, since 1972."""


def rule(case: Case) -> Finding:
    """Wait for the end of the customer's quiet hours, on the channels that keep them.

    Without a known zone no hour is surely outside the quiet ones (13 open hours, 26 hours of zones): hold.
    """
    limits = case.limits
    if case.channel not in limits.quiet_channels or limits.quiet_from_hour == limits.quiet_until_hour:
        return None
    zone = zone_named(case.standing.zone)
    if zone is None:
        return Hold(reason="zone_unknown")
    until = next_open(case.now, zone, limits.quiet_from_hour, limits.quiet_until_hour)
    return Wait(reason="quiet_hours", until=until) if until > case.now else None


def is_quiet(at: datetime, zone: ZoneInfo, from_hour: int, until_hour: int) -> bool:
    """Whether the zone's wall clock at that instant is in [from_hour, until_hour), which may span midnight."""
    hour = at.astimezone(zone).hour
    if from_hour <= until_hour:
        return from_hour <= hour < until_hour
    return hour >= from_hour or hour < until_hour


def next_open(at: datetime, zone: ZoneInfo, from_hour: int, until_hour: int) -> datetime:
    """The first instant from `at` on (aware) that is not quiet, in UTC. Raises ValueError when two days hold none.

    Walks the real time line in quarters of an hour and looks at the wall clock: an hour that does not exist, happens
    twice, or a day left out (Samoa, 2011) needs no thought.
    """
    at = at.astimezone(UTC)
    if not is_quiet(at, zone, from_hour, until_hour):
        return at
    candidate = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    for _ in range(int(timedelta(days=2) / STEP)):
        candidate += STEP
        if not is_quiet(candidate, zone, from_hour, until_hour):
            return candidate
    raise ValueError("quiet hours leave no time to speak; set quiet_from_hour and quiet_until_hour apart")
