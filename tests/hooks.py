"""A shop's endpoint for tests: a real HTTP server on loopback that keeps what came and answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from models.notifications import Message, outreach_id
from notifiers.channels.channel import Outside
from notifiers.channels.webhook import WebhookChannel, WebhookConfig
from tests.outreach import issue

AT = datetime(2013, 2, 8, 15, tzinfo=UTC)
NEW, OLD = ("whsec_" + letter * 32 for letter in "NO")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Got:
    headers: dict[str, str]
    body: bytes
    path: str


@dataclass
class Shop:
    """`answers` are statuses or coroutines, used up one by one; after them everything is taken."""

    port: int = 0
    answers: list[int | Answer] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got.append(Got(headers, await request.read(), request.path))
        told = self.answers.pop(0) if self.answers else 204
        return web.Response(status=told) if isinstance(told, int) else await told(request)


class Now:
    """The machine's time, going a second per look."""

    def __init__(self) -> None:
        self.unix_s = 1_700_000_000

    def __call__(self) -> datetime:
        self.unix_s += 1
        return datetime.fromtimestamp(self.unix_s, UTC)


@asynccontextmanager
async def shop() -> AsyncIterator[Shop]:
    """Running until the block ends."""
    told = Shop()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", told.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.port = runner.addresses[0][1]
    try:
        yield told
    finally:
        await runner.cleanup()


def endpoints(folder: Path, url: str, *secrets: str) -> Path:
    """A file with one endpoint for everything."""
    path = folder / "endpoints.json"
    path.write_text(json.dumps({"*": {"url": url, "secrets": list(secrets or (NEW,))}}))
    return path


def channel(folder: Path, url: str, *secrets: str, **more: object) -> WebhookChannel:
    fields = {"endpoints": endpoints(folder, url, *secrets), "allow_loopback": True, **more}
    return WebhookChannel(WebhookConfig.model_validate(fields), Outside(Now(), lambda: "0" * 32))


def message(number: int = 1) -> Message:
    return Message(
        outreach_id=outreach_id(f"i-{number}", "webhook"),
        address="ada@example.org",
        name="Ada Lovelace",
        subject="Your payment did not go through",
        text="Hello Ada Lovelace,\n",
        html="<p>Hello Ada Lovelace</p>",
        short="Your payment was refused 3 times.",
        issue=issue(number),
    )


def send(sending: WebhookChannel, number: int = 1) -> Awaitable[object]:
    return asyncio.create_task(sending.send(message(number), AT))
