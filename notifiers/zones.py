"""Time zones by name, from the machine's tz database or the `tzdata` package."""

from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=2048)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone, or None when there is no such one. Never raises: names come from outside."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return None
