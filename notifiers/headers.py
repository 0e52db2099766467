"""Keeps mail headers ours: no value from outside may add, end or forge one.

Python before 3.11.10 turns an encoded word in a value into real header lines (CVE-2024-6923), and no version protects
against look-alikes, so values are refused by what is in them, and the finished mail is read again and compared.
"""

import re
import unicodedata
from collections import Counter
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP

from models.notifications import PermanentFailure

_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, invisible and direction marks, surrogates, private and unassigned characters, U+2028 and U+2029."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’\-]|\. |\.$)*")
_LONGEST_NAME, _LONGEST_ADDRESS, _LONGEST_SUBJECT = 60, 254, 200
_LONGEST_PLAIN_WORD = 60
"""Longer ones would not fold at 78 characters a line (RFC 5322 section 2.1.1)."""


class UnsafeValueError(PermanentFailure):
    """A value may not be shown to a customer or stand in a header. Says which one and why, never the value."""


def is_clean(value: str) -> bool:
    """Whether a value holds nothing invisible, no line or paragraph end, and no beginning of an encoded word."""
    return "=?" not in value and not any(unicodedata.category(one) in _FORBIDDEN for one in value)


def require_clean(what: str, value: str) -> str:
    """The value itself. Raises `UnsafeValueError` naming `what` when it is not clean."""
    if not is_clean(value):
        raise UnsafeValueError(f"{what} holds a control character, a line end or an encoded word; nothing was sent")
    return value


def require_subject(value: str) -> str:
    """A subject: clean, not blank, at most 200 characters. Raises `UnsafeValueError`."""
    require_clean("the subject", value)
    if not value.strip() or len(value) > _LONGEST_SUBJECT or value != " ".join(value.split()):
        raise UnsafeValueError("the subject is blank, longer than 200 characters or oddly spaced; nothing was sent")
    return value


def require_address(value: str) -> str:
    """One plain ASCII mailbox, `local@domain`. Raises `UnsafeValueError`: no lists, groups, quotes or comments."""
    require_clean("the address", value)
    local, _, domain = value.partition("@")
    dotted = local.startswith(".") or local.endswith(".") or ".." in local
    hyphened = any(label.startswith("-") or label.endswith("-") for label in domain.split("."))
    if len(value) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(value) or dotted or hyphened:
        raise UnsafeValueError("the address is not one plain mailbox; nothing was sent")
    return value


def shown_name(value: str) -> str:
    """The name as it may be shown, or nothing: letters, spaces, hyphens, apostrophes, and dots that end initials.

    A name that could be read as an address, a link or markup is left out rather than repaired.
    """
    name = unicodedata.normalize("NFC", " ".join(value.split(" "))).strip(" ")
    return name if len(name) <= _LONGEST_NAME and is_clean(name) and _NAME.fullmatch(name) else ""


def subject_line(value: str) -> str:
    """A checked subject as the text of its header: ASCII, folded, in encoded words where it must be.

    Folded here because `email.policy` before 3.12 changes some long values while folding them.
    """
    plain = value.isascii() and all(len(word) <= _LONGEST_PLAIN_WORD for word in value.split())
    header = Header(value, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name="Subject")
    return header.encode(linesep="\r\n")


def read_again(raw: bytes, written: EmailMessage) -> EmailMessage:
    """The mail that the bytes say. Raises `UnsafeValueError` when it has other headers than were written.

    Names are compared as a multiset, part by part; the values are the caller's to compare.
    """
    read = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    if _names(read) != _names(written):
        raise UnsafeValueError("the mail reads back with other headers than were written; nothing was sent")
    return read


def _names(mail: EmailMessage) -> list[Counter[str]]:
    return [Counter(name.lower() for name in part) for part in mail.walk()]
