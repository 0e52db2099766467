"""One mail through one connection, and what its end means.

The line that matters is the first byte of the content: before it nothing can have been accepted, whatever happened;
after it only a clear reply says whether it was (RFC 1047 names the window, RFC 5321 section 4.2.1 the replies).
"""

import re

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from models.notifications import PermanentFailure, Receipt, TemporaryFailure, UnclearFailure

_STATUS = re.compile(r"\d\.\d{1,3}\.\d{1,3}")
_QUEUE_ID = re.compile(r"queued as ([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_OURS_TO_MEND = frozenset({530, 534, 535, 538})
"""Login missing or refused (RFC 4954): wrong for every mail until mended, so no mail is given up for it."""


class LostBeforeContentError(TemporaryFailure):
    """The connection was gone before any content was sent: surely not accepted."""


async def transact(
    connection: aiosmtplib.SMTP, mail_from: str, to: str, content: bytes, *, command_s: float, reply_s: float
) -> Receipt:
    """Send one mail. `command_s` and `reply_s` are how long to wait for a reply, before and after the content.

    Raises the three failures of `models.notifications`, and nothing else but cancellation.
    """
    try:
        await connection.mail(mail_from, timeout=command_s)
        await connection.rcpt(to, timeout=command_s)
        begun = await connection.execute_command(b"DATA", timeout=command_s)
    except aiosmtplib.SMTPResponseException as error:
        raise _before_content(error.code, error.message) from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise LostBeforeContentError(f"connection lost before the content ({type(error).__name__})") from None
    protocol = connection.protocol
    if begun.code != 354 or protocol is None:
        raise _before_content(begun.code, begun.message)
    return await _send_content(protocol, content, reply_s)


def _before_content(code: int, text: str) -> PermanentFailure | TemporaryFailure:
    """Nothing can have been accepted; only 5xx is about this very mail, and for good."""
    if 500 <= code < 600 and code not in _OURS_TO_MEND:
        return PermanentFailure(_told(code, text))
    if code in (354, 421):
        return LostBeforeContentError(_told(code, text))
    return TemporaryFailure(_told(code, text))


async def _send_content(protocol: SMTPProtocol, content: bytes, reply_s: float) -> Receipt:
    try:
        protocol.write(_on_the_wire(content))
        reply = await protocol.read_response(timeout=reply_s)
    except (aiosmtplib.SMTPException, OSError, RuntimeError) as error:
        raise UnclearFailure(f"no clear reply after the content ({type(error).__name__})") from None
    told = _told(reply.code, reply.message)
    if 200 <= reply.code < 300:
        queued = _QUEUE_ID.search(reply.message)
        return Receipt(provider_id=queued.group(1) if queued else "", detail=told)
    if 400 <= reply.code < 500:
        raise TemporaryFailure(told)
    if 500 <= reply.code < 600:
        raise PermanentFailure(told)
    raise UnclearFailure(f"reply {reply.code} after the content says neither yes nor no")


def _told(code: int, text: str) -> str:
    """A reply without its text, which often repeats the address: its code, and that of RFC 3463 where it has one."""
    match = _STATUS.match(text)
    return f"{code} {match.group()}" if match else str(code)


def _on_the_wire(content: bytes) -> bytes:
    """Dots doubled and the final dot added; `content` ends lines with CRLF only (RFC 5321 section 4.5.2)."""
    body = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", body) + b".\r\n"
