"""One mail as bytes: the same arguments give the same bytes, so a repeated send is the same mail."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from models.notifications import Message
from notifiers.headers import UnsafeValueError, require_address, require_same_headers, require_subject, shown_name

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def compose(message: Message, sender: Address, domain: str, at: datetime) -> bytes:
    """The mail for one recipient, dated `at` (aware), with `<outreach_id@domain>` as its Message-ID.

    All ASCII on the wire. Raises `UnsafeValueError` when a value could make it say something else.
    """
    if at.tzinfo is None:
        raise ValueError("the date of a message needs a zone")
    if not _ID.fullmatch(message.outreach_id):
        raise UnsafeValueError("the outreach id is not an id; nothing was sent")
    try:
        return _written(message, sender, domain, at)
    except (ValueError, LookupError, TypeError) as error:  # the email package found it unwritable
        raise UnsafeValueError(f"the mail cannot be written ({type(error).__name__}); nothing was sent") from None


def _written(message: Message, sender: Address, domain: str, at: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = Address(shown_name(message.name), addr_spec=require_address(message.address))
    mail["Subject"] = require_subject(message.subject)
    mail["Date"] = at.astimezone(UTC)
    mail["Message-ID"] = f"<{message.outreach_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: vacation notices are not to answer this
    mail.set_content(message.text, charset="utf-8", cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", charset="utf-8", cte="quoted-printable")
    mail.set_boundary(f"=_{message.outreach_id}")  # "=_" cannot occur in quoted-printable text
    return require_same_headers(mail.as_bytes(), mail)
