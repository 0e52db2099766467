"""Times as other systems write them, as instants in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from models.mapping.errors import MappingWrong, Unmapped

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_MICROSECONDS = {
    "epoch_days": Decimal(86_400_000_000),
    "epoch_s": Decimal(1_000_000),
    "epoch_ms": Decimal(1_000),
    "epoch_us": Decimal(1),
    "epoch_ns": Decimal("0.001"),
}
NAMED = ("rfc3339", "iso_local", *_MICROSECONDS)

Reader = Callable[[Any], datetime]


def reader(form: str | None, zone: str | None, plus: timedelta | None, place: str) -> Reader:
    """What reads a time of this form, from text or a number. Raises `MappingWrong`; the reader raises `Unmapped`."""
    read = _reader(form or "rfc3339", _zone(zone, place), place)
    if plus is None:
        return read
    more = plus

    def later(value: Any) -> datetime:
        try:
            return read(value) + more
        except OverflowError:
            raise Unmapped("the time lies outside what a clock can mean") from None

    return later


def _zone(name: str | None, place: str) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingWrong(f"{place}: there is no zone {name!r}: use an IANA name such as Europe/Berlin") from None


def _reader(form: str, zone: ZoneInfo | None, place: str) -> Reader:
    if form in _MICROSECONDS:
        return _since_epoch(_MICROSECONDS[form])
    if form == "rfc3339":
        return _rfc3339
    if form != "iso_local" and "%" not in form:
        raise MappingWrong(f"{place}: unknown time {form!r}: use {', '.join(NAMED)}, or a strptime format with %")
    if zone is None and "%z" not in form:
        raise MappingWrong(f"{place}: a time of the form {form!r} names no zone: add `zone: Europe/Berlin` or the like")
    if form == "iso_local":
        return _local(datetime.fromisoformat, zone)
    return _local(lambda text: datetime.strptime(text, form), zone)  # noqa: DTZ007 - the zone is put on right after


def _rfc3339(value: Any) -> datetime:
    try:
        return msgspec.convert(value, _AWARE, strict=True).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise Unmapped("not an RFC 3339 time with a zone") from None


def _since_epoch(microseconds: Decimal) -> Reader:
    def read(value: Any) -> datetime:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise Unmapped("not a number of a time since 1970")
        try:
            return _EPOCH + timedelta(microseconds=int(Decimal(str(value)) * microseconds))
        except (InvalidOperation, ArithmeticError, ValueError):
            raise Unmapped("not a number of a time since 1970") from None

    return read


def _local(parse: Callable[[str], datetime], zone: ZoneInfo | None) -> Reader:
    """An hour that a change of clocks repeats is taken as the first one; one that it leaves out never was."""

    def read(value: Any) -> datetime:
        if not isinstance(value, str):
            raise Unmapped("not a text with a time of the given form")
        try:
            found = parse(value)
            aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
            instant = aware.astimezone(UTC)
            if found.tzinfo is None and instant.astimezone(zone).replace(tzinfo=None) != found:
                raise Unmapped("a local time that a change of clocks left out")
        except (ValueError, OverflowError):
            raise Unmapped("not a text with a time of the given form") from None
        return instant

    return read
