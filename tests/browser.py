"""A real browser for tests: headless Chromium, driven over its own protocol (Chrome DevTools Protocol)."""

import asyncio
import base64
import itertools
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

START_S = 30.0
FLAGS = (
    "--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
    "--remote-debugging-port=0", "--window-size=900,600",
)  # fmt: skip


class Tab:
    """One page."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser, self._session = browser, session

    async def go(self, url: str) -> None:
        """Load it; what it loads may still be under way."""
        await self.call("Page.navigate", url=url)

    async def call(self, method: str, **given: Any) -> Any:
        """A command of the protocol."""
        return await self._browser.call(method, self._session, **given)

    async def evaluate(self, expression: str) -> Any:
        """The value of JavaScript, awaited when it is a promise. Fails when it throws."""
        told = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, expression: str, timeout_s: float = 10.0) -> Any:
        """The first value that is true. Fails when there is none in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (value := await self.evaluate(expression)):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"not within {timeout_s} s: {expression}")
        return value

    async def picture(self, path: Path) -> None:
        """What is to be seen, as PNG."""
        told = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(told["data"]))


class Browser:
    """A started browser; use `browser()`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}

    async def tab(self, *, apart: bool = False) -> Tab:
        """A new page; `apart`: of another visitor, who shares no storage and no connections with the others."""
        whose = await self.call("Target.createBrowserContext") if apart else {}
        target = await self.call("Target.createTarget", url="about:blank", **whose)
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        return Tab(self, attached["sessionId"])

    async def call(self, method: str, session: str = "", **given: Any) -> Any:
        number = next(self._numbers)
        asked = self._asked[number] = asyncio.get_running_loop().create_future()
        whom = {"sessionId": session} if session else {}
        await self._socket.send_json({"id": number, "method": method, "params": given, **whom})
        async with asyncio.timeout(START_S):
            return await asked

    async def read(self) -> None:
        """Hand each answer to who asked."""
        async for raw in self._socket:
            told = raw.json()
            asked = self._asked.pop(told.get("id", 0), None)
            if asked is not None and not asked.done():
                if "error" in told:
                    asked.set_exception(AssertionError(told["error"]["message"]))
                else:
                    asked.set_result(told["result"])


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """A browser with a profile in `folder`, ended with the block.

    Without Chromium the test is skipped, or fails where BEFOREHAND_REQUIRE names browser.
    """
    program = shutil.which("chromium")
    if program is None:
        if "browser" in os.environ.get("BEFOREHAND_REQUIRE", "").split(","):
            pytest.fail("Chromium is required (BEFOREHAND_REQUIRE) and is not installed (Debian: chromium)")
        pytest.skip("no Chromium")
    flags = [*FLAGS, f"--user-data-dir={folder}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    silent = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(program, *flags, "about:blank", stdout=silent, stderr=silent)
    try:
        port, path = (await _address(folder, process)).split()
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
        ):
            started = Browser(socket)
            reading = asyncio.create_task(started.read())
            try:
                yield started
            finally:
                await socket.send_json({"id": 0, "method": "Browser.close"})
                await asyncio.wait({reading}, timeout=5)
    finally:
        await _end(process)


async def _address(folder: Path, process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(START_S):
        while True:
            file = folder / "DevToolsActivePort"
            if file.exists() and len(text := file.read_text().split()) == 2:
                return " ".join(text)
            assert process.returncode is None, "Chromium ended at once"
            await asyncio.sleep(0.05)


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(5):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
