"""Into the customer's open session in the shop, by Server-Sent Events: told when a page of theirs has shown it."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
from aiohttp import web
from pydantic import Field, field_validator

from models.notifications import Message, PermanentFailure, Receipt, TemporaryFailure, UnclearFailure
from notifiers.channels.channel import Channel, ChannelConfig, Outside
from notifiers.kept_file import KeptFile
from notifiers.sessions.edge import Edge
from notifiers.sessions.offers import Full, Offers
from notifiers.sessions.tokens import read_keys

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
_MOST_BYTES = 8192


class InAppConfig(ChannelConfig):
    """Where pages listen, and whose. Without keys nothing listens and nobody is there."""

    keys: Path | None = None
    origins: frozenset[str] = frozenset()
    host: str = "127.0.0.1"
    port: int = Field(0, ge=0, le=65535)
    shown_timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    """How long a page may take to say that it has shown something."""
    heartbeat_s: Annotated[float, Field(gt=0, le=300)] = 15.0

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: frozenset[str]) -> frozenset[str]:
        if not all(_ORIGIN.fullmatch(one) for one in origins):
            raise ValueError("an origin is a scheme and a host, such as https://shop.example, and nothing else")
        return origins


class NobodyThere(TemporaryFailure):
    """The customer has no page open that listens."""


class InAppChannel(Channel):
    """Offers each message to one page of its customer. The page knows what it has shown, so repeating is harmless."""

    name: ClassVar[str] = "in_app"
    idempotency_window: ClassVar[timedelta] = timedelta(hours=24)
    Config: ClassVar[type[ChannelConfig]] = InAppConfig

    def __init__(self, config: InAppConfig, outside: Outside) -> None:
        self.config, self._outside = config, outside
        self.arrived: Callable[[str], None] = lambda _customer: None
        """Told of each customer whose page begins to listen; set it before `open`."""
        self._offers = Offers(outside.random_id, lambda customer: self.arrived(customer))
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._runner.addresses[0][1]) if self._runner is not None and self._runner.addresses else 0

    async def open(self) -> None:
        """Listen. Raises `FileWrongError` when the file of keys does not hold, OSError when the port is taken."""
        if self.config.keys is None or self._runner is not None:
            return
        keys = KeptFile(self.config.keys, read_keys)
        keys.now()
        edge = Edge(self._offers, keys.now, self.config.origins, self._outside.real_now, self.config.heartbeat_s)
        self._runner = web.AppRunner(edge.app(), access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.config.host, self.config.port).start()

    async def close(self) -> None:
        """End every stream; their pages come back to whoever listens next."""
        self._offers.end_all()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def send(self, message: Message, at: datetime) -> Receipt:
        """Done when a page said that it was shown. `NobodyThere` while no page of the customer listens."""
        event = event_of(message, at)
        customer_id = message.issue.customer_id if message.issue is not None else ""
        try:
            offer = self._offers.offer(customer_id, message.outreach_id, event)
        except Full:
            raise TemporaryFailure("the page does not read what it is sent") from None
        if offer is None:
            raise NobodyThere("no page of the customer listens")
        try:
            async with asyncio.timeout(self.config.shown_timeout_s):
                await offer.shown
        except TimeoutError:
            if offer.written:
                raise UnclearFailure("the page did not say whether it was shown") from None
            raise NobodyThere("the page went before anything was written") from None
        finally:
            self._offers.withdraw(offer)
        return Receipt(provider_id=message.outreach_id, detail="shown")


def event_of(message: Message, at: datetime) -> bytes:
    """The event on the stream: text only, for a page to show as text. No name, no address, no customer id.

    Raises ValueError when `at` has no zone, `PermanentFailure` when it is over 8 KiB or about nobody.
    """
    if at.tzinfo is None:
        raise ValueError("the date of a message needs a zone")
    if message.issue is None or not re.fullmatch(r"[0-9a-f]{32}", message.outreach_id):
        raise PermanentFailure("the message does not say whose it is; nothing was sent")
    told = {"id": message.outreach_id, "title": message.subject, "text": message.short, "at": at.astimezone(UTC)}
    event = b"id: %s\nevent: notice\ndata: %s\n\n" % (message.outreach_id.encode(), msgspec.json.encode(told))
    if len(event) > _MOST_BYTES:
        raise PermanentFailure("the event is over 8 KiB; nothing was sent")
    return event
