"""Instants as a customer reads them: on their own wall clock, named, and never ambiguous."""

from datetime import UTC, datetime

from notifiers.zones import zone_named

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def wall_clock(instant: datetime | str, zone: str) -> str:
    """Such as `Friday 8 February, 15:00 EST`; in UTC when the zone is not known.

    `instant` is aware, or RFC 3339 text. Raises ValueError when it is neither. Names are ours: the machine's locale
    has no say in what a customer reads.
    """
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if at.tzinfo is None:
        raise ValueError("an instant without a zone cannot be shown")
    local = at.astimezone(zone_named(zone) or UTC)
    day = f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}"
    return f"{day}, {local:%H:%M} {_abbreviation(local)}"


def _abbreviation(local: datetime) -> str:
    """`EST`, or `UTC-03` for zones whose abbreviation is only a number."""
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name
