"""Bytes from outside: an event, or the reason why not. Never an exception, whatever the bytes."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pydantic import ValidationError

from models.contract import contract_of
from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import decode, event_types
from models.instants import in_utc

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
"""Deep enough for any event of ours; both parsers go far deeper, each to a depth of its own."""

FUTURE = timedelta(minutes=5)


class Rejected(msgspec.Struct, frozen=True):
    """Set aside: the reason, and which member broke which rule (never its value)."""

    reason: Reason
    detail: str


def parse(raw: bytes | None, now: datetime) -> Event | Rejected:
    """The event in `raw`, with `time` in UTC, or why it is none. `now` is the business time."""
    if raw is None:
        return Rejected(Reason.NOT_JSON, "the record has no value")
    if (beyond := beyond_limits(raw)) is not None:
        return beyond
    kind = _kind(raw)
    if isinstance(kind, Rejected):
        return kind
    event = _validated(raw, kind)
    if isinstance(event, Rejected):
        return event
    return _in_time(event, now)


def beyond_limits(raw: bytes) -> Rejected | None:
    """Why bytes are not even read: too many, or nested too deep."""
    if len(raw) > MAX_BYTES:
        return Rejected(Reason.TOO_LARGE, f"{len(raw)} bytes; at most {MAX_BYTES}")
    if _may_be_deep(raw) and _depth(raw) > MAX_DEPTH:
        return Rejected(Reason.TOO_DEEP, f"nested more than {MAX_DEPTH} deep")
    return None


def any_json(raw: bytes) -> Any:
    """What these bytes say, within the same limits as an event of ours; `Rejected` when they say nothing certain."""
    if (beyond := beyond_limits(raw)) is not None:
        return beyond
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOT_JSON
    return Rejected(Reason.DUPLICATE_KEY, "a member stands twice") if _repeats_a_member(raw) else found


class _Head(msgspec.Struct):
    type: str
    specversion: str = "1.0"


_NOT_JSON = Rejected(Reason.NOT_JSON, "not one JSON value in UTF-8")
_HEAD = msgspec.json.Decoder(_Head)
_IDENTITY = ("specversion", "type", "id", "source", "subject", "time")
_OPENERS = re.compile(rb"[\[{]")
_VERSION = re.compile(r"^(?P<name>.+)\.v(?P<major>\d+)$")


def _may_be_deep(raw: bytes) -> bool:
    return raw.count(b"[") + raw.count(b"{") > MAX_DEPTH


def _depth(raw: bytes) -> int:
    """The deepest nesting, quotes and escapes respected; for text that is no JSON, some number."""
    depth = deepest = 0
    for token in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', raw, re.DOTALL):
        char = token[0]
        if char in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif char in (b"]", b"}"):
            depth -= 1
    return deepest


def _kind(raw: bytes) -> type[Event] | Rejected:
    try:
        head = _HEAD.decode(raw)
    except msgspec.ValidationError as error:
        return Rejected(Reason.INVALID, _where(error)) if _is_json(raw) else _NOT_JSON
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOT_JSON
    if head.specversion != "1.0":
        return Rejected(Reason.UNSUPPORTED_VERSION, "specversion is not 1.0")
    kind = event_types().get(head.type)
    return kind if kind is not None else _unknown(head.type)


def _is_json(raw: bytes) -> bool:
    """The codec reports the first member of a wrong type before it has seen the rest."""
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _unknown(name: str) -> Rejected:
    known = {match["name"] for one in event_types() if (match := _VERSION.match(one))}
    asked = _VERSION.match(name)
    if asked and asked["name"] in known:
        return Rejected(Reason.UNSUPPORTED_VERSION, "a version of this type that is not known here")
    return Rejected(Reason.UNKNOWN_TYPE, "no event type of this name")


def _validated(raw: bytes, kind: type[Event]) -> Event | Rejected:
    try:
        contract_of(kind).model_validate_json(raw)
        event = decode(raw)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in wrong["loc"] if part in _names(kind))
        return Rejected(Reason.INVALID, f"{place or 'event'}: {wrong['type']}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejected(Reason.INVALID, _where(error))
    if _repeats_a_member(raw):
        return Rejected(Reason.DUPLICATE_KEY, "a member stands twice")
    return event


def _names(kind: type[Event]) -> frozenset[object]:
    data = next(member.type for member in msgspec.structs.fields(kind) if member.name == "data")
    return frozenset([*kind.__struct_fields__, *getattr(data, "__struct_fields__", ()), *range(1000)])


def _where(error: Exception) -> str:
    """The place that a codec's message names, such as `$.data`: its members are ours, its values are left out."""
    place = re.search(r"at `(\$[\w.\[\]]*)`", str(error))
    return f"{place[1] if place else 'event'}: not of its type"


def _repeats_a_member(raw: bytes) -> bool:
    """Whether any object repeats a member: which of the two counts would be anybody's guess."""
    repeated = False

    def pairs(members: list[tuple[str, Any]]) -> None:
        nonlocal repeated
        repeated = repeated or len({name for name, _ in members}) != len(members)

    try:
        json.loads(raw, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return False
    return repeated


def _in_time(event: Event, now: datetime) -> Event | Rejected:
    try:
        event = in_utc(event)
    except ValueError as error:
        return Rejected(Reason.INVALID, str(error))
    if event.time > now + FUTURE:
        return Rejected(Reason.FUTURE_TIMESTAMP, f"later than now + {FUTURE}")
    return event
