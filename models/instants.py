"""Every instant of an event in UTC, and within years that a clock can mean."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

S = TypeVar("S", bound=msgspec.Struct)


def instant(seconds: float) -> datetime:
    """Seconds since 1970 as an aware UTC time."""
    return datetime.fromtimestamp(seconds, UTC)


def in_utc(struct: S) -> S:
    """The same struct with all its instants in UTC. Raises `ValueError` for one before 1970 or after 2199."""
    changed = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if (converted := _converted(value)) is not value:
            changed[name] = converted
    return msgspec.structs.replace(struct, **changed) if changed else struct


def _converted(value: Any) -> Any:
    if isinstance(value, datetime):
        if not EARLIEST <= value < LATEST:
            raise ValueError("a time lies outside the years 1970 to 2199")
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    if isinstance(value, msgspec.Struct):
        return in_utc(value)
    if isinstance(value, list):
        converted = [_converted(one) for one in value]
        return value if all(new is old for new, old in zip(converted, value, strict=True)) else converted
    return value
