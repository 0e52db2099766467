"""Our message to a customer, and what became of it."""

from enum import StrEnum
from hashlib import sha256

import msgspec

from models.issues import Issue


class OutboxState(StrEnum):
    """Where a notification stands. The last six are final; UNKNOWN waits for a person."""

    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    ON_WIRE = "ON_WIRE"
    SENT = "SENT"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    SUPPRESSED = "SUPPRESSED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Ready to hand to a channel. Lives in memory only: it holds contact data."""

    outreach_id: str
    address: str
    name: str
    subject: str
    text: str
    html: str
    short: str = ""
    """One or two sentences that say it all, without the customer's name: for where there is no room for a letter."""
    issue: Issue | None = None
    """What it is about and whose trouble it is, for channels that reach systems or sessions and no address."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The provider took it: its own words, and its id for the message where it gives one."""

    provider_id: str = ""
    detail: str = ""


class PermanentFailure(Exception):
    """Surely refused: trying again will not help."""


class TemporaryFailure(Exception):
    """Surely not accepted: may be tried again after `retry_after_s`, when given."""

    def __init__(self, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class UnclearFailure(Exception):
    """May have been accepted: never sent again without a proof that it was not."""


def outreach_id(issue_id: str, channel: str) -> str:
    """The idempotency key of telling one issue on one channel: 32 hex digits of SHA-256."""
    return sha256(f"v1|{issue_id}|{channel}".encode()).hexdigest()[:32]
