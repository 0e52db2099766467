"""What the end of a call means for the notification: pure, randomness and time passed in."""

from datetime import datetime, timedelta

import msgspec

from ledger.leases import WINDOW_SHARE
from models.notifications import OutboxState, PermanentFailure, TemporaryFailure

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Where the notification goes. PENDING comes with `retry_in_s`; `unclear`: it may have been accepted."""

    state: OutboxState
    reason: str
    retry_in_s: float = 0.0
    unclear: bool = False


def pause_s(attempts: int, chance: float) -> float:
    """Seconds until the next attempt: doubling up to five minutes; `chance` (0 to 1) spreads it over its upper half."""
    longest = min(FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 20), LONGEST_PAUSE_S)
    return longest * (0.5 + 0.5 * chance)


def outcome_of(
    error: BaseException,
    *,
    attempts: int,
    chance: float,
    window: timedelta,
    first_wire_at: datetime | None,
    real_now: datetime,
) -> Outcome:
    """What a call that did not end in a receipt means.

    `window` is how long the provider recognises our key; `first_wire_at` is when an earlier call with an unclear end
    began, None when there was none. Any error that is neither temporary nor permanent is unclear.
    """
    reason = type(error).__name__
    pause = pause_s(attempts, chance)
    if isinstance(error, PermanentFailure):
        # a refusal now says nothing of an earlier call that may have been accepted
        return Outcome(state=OutboxState.FAILED if first_wire_at is None else OutboxState.UNKNOWN, reason=reason)
    if isinstance(error, TemporaryFailure):
        asked = max(error.retry_after_s or 0.0, 0.0)
        return Outcome(state=OutboxState.PENDING, reason=reason, retry_in_s=max(asked, pause))
    if may_repeat(window, first_wire_at or real_now, real_now + timedelta(seconds=pause)):
        return Outcome(state=OutboxState.PENDING, reason=reason, retry_in_s=pause, unclear=True)
    return Outcome(state=OutboxState.UNKNOWN, reason=reason, unclear=True)


def may_repeat(window: timedelta, first_wire_at: datetime, at: datetime) -> bool:
    """Whether a call that may have been accepted may be repeated at `at`: only while the provider knows our key."""
    return window > timedelta(0) and at - first_wire_at < WINDOW_SHARE * window
