"""Pages of a shop for tests: an open edge, tokens as a shop signs them, and a page without a browser."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from models.notifications import Message, outreach_id
from notifiers.channels.channel import Outside
from notifiers.channels.in_app import InAppChannel, InAppConfig
from streams.clock import random_id, real_now
from tests.outreach import issue

KEY, FORMER_KEY = "k" * 40, "f" * 40
ORIGIN = "https://shop.example"


def signed(claims: dict[str, object], key: str = KEY, head: dict[str, object] | None = None) -> str:
    """Any token, also one that is not fit."""

    def part(raw: bytes) -> str:
        return urlsafe_b64encode(raw).rstrip(b"=").decode()

    body = ".".join(part(json.dumps(one).encode()) for one in (head or {"alg": "HS256", "typ": "JWT"}, claims))
    return f"{body}.{part(hmac.digest(key.encode(), body.encode(), 'sha256'))}"


def token(customer: str = "c-1", lasts_s: float = 300.0, key: str = KEY, **more: object) -> str:
    return signed({"sub": customer, "aud": "beforehand", "exp": int(time.time() + lasts_s), **more}, key)


def message(number: int = 1, customer: str = "c-1", short: str = "Another card often works.") -> Message:
    return Message(
        outreach_id=outreach_id(f"i-{number}", "in_app"),
        address="ada@example.org",
        name="Ada Lovelace",
        subject=f"Your payment for order {number} did not go through",
        text="",
        html="",
        short=short,
        issue=issue(number, customer=customer),
    )


@asynccontextmanager
async def edge(folder: Path, keys: str = KEY, **more: Any) -> AsyncIterator[InAppChannel]:
    """An open channel on a free port of loopback."""
    (folder / "keys").write_text(keys)
    fields = {"keys": folder / "keys", "origins": [ORIGIN], "shown_timeout_s": 2.0, **more}
    channel = InAppChannel(InAppConfig.model_validate(fields), Outside(real_now, random_id))
    await channel.open()
    try:
        yield channel
    finally:
        await channel.close()


class Page:
    """Listens as a browser does, and says what it was shown. `events` are (id, data) as they come; `beats` comments."""

    def __init__(self, channel: InAppChannel, customer: str = "c-1", lasts_s: float = 300.0) -> None:
        self.at, self.token = f"http://127.0.0.1:{channel.port}", token(customer, lasts_s)
        self.client = aiohttp.ClientSession()
        self.events: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.session, self.beats, self.got, self.ended = "", 0, 0, asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.begin()
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()
        await self.client.close()

    async def begin(self) -> None:
        async with self.post("/in-app/sessions") as answer:
            assert answer.status == 201
            self.session = (await answer.json())["session"]

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.token}", "Origin": ORIGIN, **headers}
        return self.client.post(self.at + path, headers=given, data=None if body is None else json.dumps(body))

    async def listen(self, last: str = "") -> int:
        """Open the stream; its status."""
        headers = {"Origin": ORIGIN, **({"Last-Event-ID": last} if last else {})}
        timeout = aiohttp.ClientTimeout(total=None)
        where = f"{self.at}/in-app/sessions/{self.session}"
        answer = await self.client.get(where, headers=headers, timeout=timeout)
        if answer.status == 200:
            self.ended = asyncio.Event()
            self._reading = asyncio.create_task(self._read(answer, self.ended))
        return answer.status

    async def leave(self) -> None:
        """Cut the stream."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def shown(self, which: str) -> int:
        """Say so; the status."""
        async with self.post("/in-app/receipts", {"id": which}) as answer:
            return int(answer.status)

    async def show_all(self) -> None:
        """Show whatever comes, until cancelled; `got` counts."""
        while True:
            which, _ = await self.events.get()
            self.got += 1
            await self.shown(which)

    async def _read(self, answer: aiohttp.ClientResponse, ended: asyncio.Event) -> None:
        fields: dict[str, str] = {}
        try:
            async for raw in answer.content:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.beats += 1
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                else:
                    if "data" in fields:
                        self.events.put_nowait((fields["id"], json.loads(fields["data"])))
                    fields = {}
        except aiohttp.ClientError:
            pass  # cut off
        finally:
            answer.close()
            ended.set()


async def holds(condition: Any, timeout_s: float = 5.0) -> None:
    """Ask again until it holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)
