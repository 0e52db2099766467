"""One client's session: aiosmtpd's SMTP with faults at its stages, keeping what it accepts."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.mail.faults import Faults
from deploy.mail.kept import Keeper


class MailSession(SMTP):
    """The two stages that aiosmtpd offers no hook for: the greeting, and DATA before the content is asked for."""

    def __init__(self, handler: "Handler", **options: Any) -> None:
        super().__init__(handler, **options)
        self._faulty = handler

    async def _handle_client(self) -> None:
        refused = await self._faulty.stumble(self, "connect")
        if refused:
            await self.push(refused)
            await hang_up(self)
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        """DATA, unless it is to be refused."""
        refused = await self._faulty.stumble(self, "data")
        if refused:
            await self.push(refused)
        else:
            await super().smtp_DATA(arg)


class Handler:
    """What aiosmtpd asks at the other stages."""

    def __init__(self, keeper: Keeper, faults: Faults) -> None:
        self.keeper = keeper
        self.faults = faults

    async def stumble(self, server: SMTP, stage: str) -> str:
        """Wait, hang up, or return a refusal; empty when nothing is to go wrong."""
        for fault in self.faults.at(stage):
            if fault.action == "drop":
                await hang_up(server)
            await asyncio.sleep(fault.delay_s)
            if fault.reply:
                return fault.reply
        return ""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        refused = await self.stumble(server, "mail")
        if not refused:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refused or "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        refused = await self.stumble(server, "rcpt")
        if not refused:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refused or "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The content is here, up to the final dot. It is kept before any reply says so."""
        due = self.faults.at("dot")
        if any(fault.action == "lose" for fault in due):
            await hang_up(server)
        for fault in due:
            if fault.reply:
                return fault.reply
        accepted = self.keeper.keep(bytes(envelope.original_content or b""), envelope.rcpt_tos)
        await asyncio.sleep(sum(fault.delay_s for fault in due))
        if any(fault.action == "drop" for fault in due):
            await hang_up(server)
        reply = f"250 2.0.0 Ok: queued as {accepted.seq:08d}"
        if any(fault.action == "close" for fault in due):
            await server.push(reply)
            await hang_up(server)
        return reply


async def hang_up(server: SMTP) -> None:
    """Close the connection and never return: aiosmtpd cancels the session once the connection is lost."""
    if server.transport is not None:
        server.transport.close()
    await asyncio.Event().wait()
