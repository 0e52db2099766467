"""A few connections to one mail server, each used by one transaction at a time, and again after a clean one."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import aiosmtplib

from models.notifications import Receipt, TemporaryFailure
from notifiers.smtp.transaction import LostBeforeContentError

GOODBYE_S = 2.0
Transaction = Callable[[aiosmtplib.SMTP], Awaitable[Receipt]]


class Connections:
    """At most `limit` connections made by `make` (not yet connected). None is made before it is needed."""

    def __init__(self, make: Callable[[], aiosmtplib.SMTP], limit: int) -> None:
        self._make = make
        self._turn = asyncio.Semaphore(limit)
        self._idle: list[aiosmtplib.SMTP] = []
        self.opened = 0
        """Connections made so far."""

    async def use(self, transaction: Transaction) -> Receipt:
        """Run one transaction. A kept connection found dead before any content is replaced once by a new one.

        Raises what the transaction raises, and `TemporaryFailure` when no connection can be had.
        """
        async with self._turn:
            kept = self._kept()
            if kept is not None:
                with contextlib.suppress(LostBeforeContentError):
                    return await self._on(kept, transaction)
            return await self._on(await self._new(), transaction)

    async def reach(self) -> None:
        """Make a connection and leave it. Raises `TemporaryFailure` when none can be had."""
        await _goodbye(await self._new())

    async def close(self) -> None:
        """Say goodbye on every idle connection, for two seconds at most."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_goodbye(one) for one in idle))

    def _kept(self) -> aiosmtplib.SMTP | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_connected:
                return connection
        return None

    async def _new(self) -> aiosmtplib.SMTP:
        connection = self._make()
        try:
            await connection.connect()
            await _greet(connection)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            connection.close()
            code = f" {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
            raise TemporaryFailure(f"no connection to the mail server ({type(error).__name__}{code})") from None
        self.opened += 1
        return connection

    async def _on(self, connection: aiosmtplib.SMTP, transaction: Transaction) -> Receipt:
        """Only a connection whose transaction ended well is kept: after anything else its state is not known."""
        try:
            receipt = await transaction(connection)
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return receipt


async def _greet(connection: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO for servers that know no better (RFC 5321 section 3.2).

    Not left to the first MAIL: a refusal here is about the connection, not about a mail.
    """
    if connection.is_ehlo_or_helo_needed:
        try:
            await connection.ehlo()
        except aiosmtplib.SMTPHeloError:
            await connection.helo()


async def _goodbye(connection: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await connection.quit(timeout=GOODBYE_S)
    connection.close()
