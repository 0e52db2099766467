"""A signed POST to the shop's own systems, which know the id of a repeated one (Standard Webhooks 1.0.0)."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
from pydantic import Field
from yarl import URL

from models.notifications import Message, PermanentFailure, Receipt, TemporaryFailure
from notifiers.channels.channel import Channel, ChannelConfig, Outside
from notifiers.kept_file import FileWrongError, KeptFile
from notifiers.webhooks.addresses import Resolve, by_system, resolve_once
from notifiers.webhooks.endpoints import ALL_OTHERS, Endpoint, Endpoints, read_endpoints
from notifiers.webhooks.posting import LONGEST_S, EndpointGoneError, post
from notifiers.webhooks.signing import signed_headers

EVENT = "customer.trouble"
MOST_BYTES = 20_000
"""Of a body, by the specification ("Payload size")."""


class WebhookConfig(ChannelConfig):
    """Where the endpoints stand; without a file nothing can be sent."""

    endpoints: Path | None = None
    allow_loopback: bool = False
    """Plain HTTP to this very machine is an endpoint too: for tests and development."""
    timeout_s: Annotated[float, Field(gt=0, le=LONGEST_S)] = LONGEST_S


class WebhookChannel(Channel):
    """Posts each message to the one endpoint of its detector. Names and addresses of customers never go out."""

    name: ClassVar[str] = "webhook"
    idempotency_window: ClassVar[timedelta] = timedelta(hours=24)
    Config: ClassVar[type[ChannelConfig]] = WebhookConfig

    def __init__(self, config: WebhookConfig, outside: Outside, resolve: Resolve = by_system) -> None:
        self.config, self._outside, self._resolve = config, outside, resolve
        self._file = KeptFile(config.endpoints, self._read) if config.endpoints else None
        self._gone: set[URL] = set()

    async def open(self) -> None:
        """Raises `FileWrongError` when there is a file of endpoints and it does not hold."""
        if self._file is not None:
            self._file.now()

    async def send(self, message: Message, at: datetime) -> Receipt:
        """Post it. An endpoint that answered 410 gets nothing more until the file changes."""
        body = body_of(message, at)
        url, endpoint = self._endpoint(message)
        if url in self._gone:
            raise EndpointGoneError("the endpoint answered 410 before: mend it, and change the file of endpoints")
        now = self._outside.real_now()
        headers = signed_headers(endpoint.keys, message.outreach_id, int(now.timestamp()), body)
        headers |= {"content-type": "application/json", "user-agent": "beforehand"}
        addresses = await self._addresses(url)
        try:
            status = await post(url, addresses, headers, body, now, self.config.timeout_s)
        except EndpointGoneError:
            self._gone.add(url)
            raise
        return Receipt(provider_id=message.outreach_id, detail=str(status))

    async def _addresses(self, url: URL) -> list[str]:
        try:
            async with asyncio.timeout(self.config.timeout_s):
                return await resolve_once(url, self._resolve)
        except TimeoutError:
            raise TemporaryFailure("the endpoint's name is not resolved in time") from None

    def _endpoint(self, message: Message) -> tuple[URL, Endpoint]:
        if self._file is None:
            raise TemporaryFailure("no endpoints are set: name their file in BEFOREHAND_WEBHOOKS")
        try:
            endpoints = self._file.now()
        except FileWrongError as error:
            raise TemporaryFailure(str(error)) from None
        detector = message.issue.detector if message.issue else ALL_OTHERS
        found = endpoints.get(detector) or endpoints.get(ALL_OTHERS)
        if found is None:
            raise TemporaryFailure("no endpoint for this detector: name it, or *, in the file of endpoints")
        return found

    def _read(self, raw: bytes) -> Endpoints:
        self._gone.clear()
        return read_endpoints(raw, allow_loopback=self.config.allow_loopback)


def body_of(message: Message, at: datetime) -> bytes:
    """The body: the same arguments give the same bytes. No name and no address.

    Raises ValueError when `at` has no zone, `PermanentFailure` when the body is over 20 kB.
    """
    if at.tzinfo is None:
        raise ValueError("the date of a message needs a zone")
    data: dict[str, object] = {"outreach_id": message.outreach_id, "title": message.subject, "text": message.short}
    issue = message.issue
    if issue is not None:
        data |= {
            "customer_id": issue.customer_id,
            "issue_id": issue.issue_id,
            "detector": issue.detector,
            "object": issue.object,
            "severity": issue.severity,
            "stage": issue.stage,
            "opened_at": issue.opened_at.astimezone(UTC),
            "horizon": None if issue.horizon is None else issue.horizon.astimezone(UTC),
        }
    body = msgspec.json.encode({"type": EVENT, "timestamp": at.astimezone(UTC), "data": data})
    if len(body) > MOST_BYTES:
        raise PermanentFailure("the body is over 20 kB; nothing was sent")
    return body
