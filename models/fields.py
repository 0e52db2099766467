"""Bounded field types. Every text, number and list that comes in from outside has an upper bound.

`msgspec.Meta` is read by the fast codec, and by `models.contract`, which derives the pydantic contract from it.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Key = Annotated[str, Meta(min_length=1, max_length=128)]
"""An identifier: 1 to 128 characters."""

Text = Annotated[str, Meta(max_length=500)]
"""Free text from outside: at most 500 characters."""

Finite = Annotated[float, Meta(ge=-1e15, le=1e15)]
"""A finite number. Neither codec accepts NaN or an infinity."""

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Minor = Annotated[int, Meta(ge=-(10**15), le=10**15)]
"""Money in minor units of its currency (cents)."""

Currency = Annotated[str, Meta(min_length=3, max_length=3)]
Instant = Annotated[datetime, Meta(tz=True)]
"""An instant with a zone, RFC 3339 on the wire, always UTC inside."""
