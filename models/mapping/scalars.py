"""What JSON holds, as the type that a member wants. Nothing is guessed: what does not fit raises `Unmapped`."""

import re
from typing import Any

from models.mapping.errors import Unmapped

_WHOLE = re.compile(r"[+-]?\d{1,30}")
_LONGEST = 10**38


def text(value: Any) -> str:
    """Text, or the digits of a whole number (ids are often sent as such)."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LONGEST:
        return str(value)
    raise Unmapped("neither text nor a whole number")


def integer(value: Any) -> int:
    """A whole number, or text of its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise Unmapped("not a whole number")


def number(value: Any) -> float:
    """A finite number, or text of one."""
    if not isinstance(value, bool) and isinstance(value, int | float | str):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            raise Unmapped("not a number") from None
        if abs(found) < float("inf"):
            return found
    raise Unmapped("not a number")


def boolean(value: Any) -> bool:
    """True or false; anything else wants a `table`."""
    if isinstance(value, bool):
        return value
    raise Unmapped("neither true nor false")
