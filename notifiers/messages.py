"""The message of a notification, made at the last moment: contact data are read here and live in memory only."""

from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import Connection

from ledger.addressing import address_of
from ledger.outbox import Notice
from models.decisions import Standing
from models.notifications import Message
from notifiers.policy.reachable import NEEDS_NO_ADDRESS
from notifiers.rendering import render


class Held(msgspec.Struct, frozen=True):
    """A notification that this process holds. `leased_at`: monotonic seconds, from before the lease was written."""

    notice: Notice
    leased_at: float


class Ready(msgspec.Struct, frozen=True):
    """On the wire as far as the ledger knows. Holds contact data; `at` is the date the customer sees."""

    held: Held
    message: Message
    at: datetime


def ready_at(connection: Connection, held: Held, standing: Standing, now: datetime) -> Ready:
    """The message, dated `now`, or as before when an earlier call may have been accepted.

    Raises `PermanentFailure` when it cannot be put into words.
    """
    notice, issue = held.notice, held.notice.decision.issue
    address, name = _reached(connection, notice)
    words = render(issue, name=name, locale=standing.locale, zone=standing.zone)
    message = Message(
        outreach_id=notice.outreach_id,
        address=address,
        name=name,
        subject=words.subject,
        text=words.text,
        html=words.html,
        short=words.short,
        issue=issue,
    )
    return Ready(held, message, now if notice.first_wire_at is None else notice.told_at)


def _reached(connection: Connection, notice: Notice) -> tuple[str, str]:
    """Address and name; none for a channel that needs none, so that no contact data can go there."""
    if notice.channel in NEEDS_NO_ADDRESS:
        return "", ""
    return address_of(connection, notice.customer_id, notice.channel) or ("", "")


def body_hash(ready: Ready) -> str:
    """SHA-256 of all that a provider gets to see."""
    return sha256(msgspec.json.encode([ready.message, ready.at])).hexdigest()


def without(ready: Ready, text: str) -> str:
    """A provider's words without the customer's address and name, which they like to repeat."""
    for value in (ready.message.address, ready.message.name):
        if value:
            text = text.replace(value, "…")
    return text
