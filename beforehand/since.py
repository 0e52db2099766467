"""When a person says "since": an instant, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from models.errors import OperatorError

_AGO = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class BadSince(OperatorError):
    """The words are no instant. Operator action: see the message."""


def since(words: str, now: datetime) -> datetime:
    """The instant meant by `2h` (s, m, h or d ago) or by RFC 3339, in UTC. Raises `BadSince`."""
    try:
        if ago := _AGO.fullmatch(words):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        instant = datetime.fromisoformat(words)
        if instant.tzinfo is not None and instant.year >= 1970:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadSince(f"--since {words!r} is no time: write how long ago, such as 90m, 36h or 7d, or 2013-02-08T15:00Z")
