"""The e-mail channel against servers that say what no decent server says."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from models.notifications import Message, PermanentFailure, TemporaryFailure, UnclearFailure, outreach_id
from notifiers.channels.email import EmailChannel, EmailConfig
from tests.smtp_scripts import Script, scripted

AT = datetime(2013, 2, 8, 15, tzinfo=UTC)
MAIL = Message(
    outreach_id=outreach_id("i-0", "email"),
    address="ada@example.org",
    name="Ada",
    subject="Your order",
    text="Hello\n",
    html="<p>Hello</p>\n",
)


def channel_to(port: int) -> EmailChannel:
    return EmailChannel(EmailConfig(port=port, connections=1, reply_timeout_s=0.5, command_timeout_s=1))


SCRIPTS: list[tuple[str, Script, type[Exception] | None]] = [
    ("two lines", {".": b"250-2.0.0 thanks\r\n250 2.0.0 queued as Q1\r\n"}, None),
    ("another yes", {".": b"252 maybe later\r\n"}, None),
    ("garbage", {".": b"hello there\r\n"}, UnclearFailure),
    ("neither yes nor no", {".": b"354 go on\r\n"}, UnclearFailure),
    ("half a reply", {".": b"25"}, UnclearFailure),
    ("nothing at all", {".": b""}, UnclearFailure),
    ("an endless reply", {".": b"250-x\r\n" * 10_000}, UnclearFailure),
    ("no greeting", {"": b"500 go away\r\n"}, TemporaryFailure),
    ("no hello", {"EHLO": b"502 what\r\n", "HELO": b"502 what\r\n"}, TemporaryFailure),
    ("an old server", {"EHLO": b"502 what\r\n"}, None),
    ("data is done at once", {"DATA": b"250 done\r\n"}, TemporaryFailure),
    ("garbage before the content", {"RCPT": b"hello\r\n"}, TemporaryFailure),
]


@pytest.mark.parametrize(("replies", "failure"), [one[1:] for one in SCRIPTS], ids=[one[0] for one in SCRIPTS])
def test_odd_servers_are_understood(replies: Script, failure: type[Exception] | None) -> None:
    async def run() -> None:
        async with scripted(replies) as server:
            channel = channel_to(server.port)
            if failure is None:
                assert (await channel.send(MAIL, AT)).detail.startswith("25")
            else:
                with pytest.raises(failure):
                    await channel.send(MAIL, AT)
            await channel.close()

    asyncio.run(run())


def test_a_connection_is_closed_after_a_failure_and_kept_after_a_receipt() -> None:
    async def run(replies: Script) -> int:
        async with scripted(replies) as server:
            channel = channel_to(server.port)
            with suppress(PermanentFailure):
                await channel.send(MAIL, AT)
            deadline = time.monotonic() + 2
            while server.open_now and replies and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            still_open = len(server.open_now)
            await channel.close()
            return still_open

    assert asyncio.run(run({"RCPT": b"550 no\r\n"})) == 0
    assert asyncio.run(run({})) == 1
