"""One mail as bytes: the same arguments give the same bytes, so a repeated send is the same mail."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from models.notifications import Message
from notifiers.headers import (
    UnsafeValueError,
    read_again,
    require_address,
    require_subject,
    shown_name,
    subject_line,
)

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def compose(message: Message, sender: Address, domain: str, at: datetime) -> bytes:
    """The mail for one recipient, dated `at` (aware), with `<outreach_id@domain>` as its Message-ID.

    All ASCII on the wire. The name stands before the address where it comes through unchanged, else not. Raises
    `UnsafeValueError` when a value could make the mail say something else, ValueError when `at` has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("the date of a message needs a zone")
    if not _ID.fullmatch(message.outreach_id):
        raise UnsafeValueError("the outreach id is not an id; nothing was sent")
    require_address(message.address)
    require_subject(message.subject)
    for name in dict.fromkeys((shown_name(message.name), "")):
        raw = _checked(message, name, sender, f"<{message.outreach_id}@{domain}>", at)
        if raw:
            return raw
    raise UnsafeValueError("the mail reads back with other values than were written; nothing was sent")


def _checked(message: Message, name: str, sender: Address, message_id: str, at: datetime) -> bytes:
    """The bytes, or nothing when they do not read back as they were meant."""
    to = Address(name, addr_spec=message.address)
    try:
        mail = _mail(message, to, sender, message_id, at)
        raw = mail.as_bytes()
        read = read_again(raw, mail)
        same = [one for header in ("From", "To") for one in read[header].addresses] == [sender, to]
        same = same and str(read["Subject"]) == message.subject and str(read["Message-ID"]) == message_id
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # the email package finds it unwritable
        raise UnsafeValueError(f"the mail cannot be written ({type(error).__name__}); nothing was sent") from None
    return raw if same else b""


def _mail(message: Message, to: Address, sender: Address, message_id: str, at: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail.set_raw("Subject", subject_line(message.subject))
    mail["Date"] = at.astimezone(UTC)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: vacation notices are not to answer this
    mail.set_content(message.text, charset="utf-8", cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", charset="utf-8", cte="quoted-printable")
    mail.set_boundary(f"=_{message.outreach_id}")  # "=_" cannot occur in quoted-printable text
    return mail
