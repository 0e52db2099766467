"""What can be shown of bytes that may hold anything of a customer: names, types and lengths, never a value."""

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_LINES = 60
MAX_DEPTH = 6
MAX_BYTES = 2 * 1024 * 1024

_NAME = re.compile(r"[A-Za-z_-]{1,40}", re.ASCII)


class _Members(list[tuple[str, Any]]):
    """An object with all its members, repeated ones too."""


def shown_name(name: str) -> str:
    """A member's or header's name; one with digits, dots or more than letters may be a value, such as an address."""
    return name if _NAME.fullmatch(name) else f"<a name of {len(name)} characters>"


def sized(raw: bytes | None) -> str:
    """How long it is."""
    return "none" if raw is None else _counted(len(raw), "byte")


def preview(raw: bytes | None) -> list[str]:
    """One line per member of the JSON in `raw`, at most `MAX_LINES`, or where and how it stops being JSON."""
    if raw is None:
        return ["no value"]
    lines = [sized(raw)]
    if len(raw) > MAX_BYTES:
        return [*lines, "too large to be looked into"]
    try:
        tree = json.loads(raw.decode(), object_pairs_hook=_Members)
    except UnicodeDecodeError as error:
        return [*lines, f"not UTF-8 at byte {error.start}"]
    except json.JSONDecodeError as error:
        return [*lines, f"not JSON at line {error.lineno}, column {error.colno}: {_rule(error.msg)}"]
    except (RecursionError, ValueError):
        return [*lines, "nested too deep, or a number too long, to be looked into"]
    for line in _lines("", tree, 0):
        if len(lines) > MAX_LINES:
            return [*lines, "and more"]
        lines.append(line)
    return lines


def _lines(place: str, value: Any, depth: int) -> Iterator[str]:
    yield f"{place or 'the whole'}: {_kind(value)}"
    if depth >= MAX_DEPTH:
        return
    if isinstance(value, _Members):
        for name, inner in value:
            yield from _lines(f"{place}.{shown_name(name)}".removeprefix("."), inner, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _lines(f"{place}[{number}]", inner, depth + 1)


def _kind(value: Any) -> str:
    if isinstance(value, _Members):
        names = [name for name, _ in value]
        twice = ", a name stands twice" if len(set(names)) != len(names) else ""
        return f"object, {_counted(len(names), 'member')}{twice}"
    if isinstance(value, list):
        return f"array, {_counted(len(value), 'element')}"
    if isinstance(value, str):
        return f"text, {_counted(len(value), 'character')}"
    if isinstance(value, bool):
        return "true or false"
    return "null" if value is None else "number"


def _rule(message: str) -> str:
    """The parser's own words; it quotes no input, except a character or a token behind a colon."""
    return message.partition(":")[0]


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
