"""What a rule is shown, and what it may answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from models.decisions import Limits, Standing
from models.issues import Issue


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One issue, on one channel, at one instant (`now`, aware UTC)."""

    issue: Issue
    standing: Standing
    limits: Limits
    now: datetime
    channel: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Not to be told. `reason` is a short word for logs and counts, never a customer's value."""

    reason: str


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """To be told, but not before `until` (aware UTC)."""

    reason: str
    until: datetime


Finding = Hold | Wait | None
Rule = Callable[[Case], Finding]
Scope = Literal["customer", "channel"]
"""A rule of scope `channel` may let another channel through that it holds on this one."""
