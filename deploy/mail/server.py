"""The server in a thread of its own, on loopback."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from deploy.mail.faults import Faults
from deploy.mail.kept import Accepted, Keeper, read_accepted
from deploy.mail.session import Handler, MailSession

HOST = "127.0.0.1"
START_S = 10.0


class MailServerError(Exception):
    """The server cannot run. Says why and what to do."""


class MailServer:
    """Accepts all mail, for any recipient, into `folder`. `port` 0 takes a free one; `faults` as in `faults.py`.

    `start` and `stop` may be called again; the folder goes on from what is in it.
    """

    def __init__(self, folder: Path, port: int = 0, faults: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = port
        self._faults = Faults(faults)
        self._handler: Handler | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._server: asyncio.Server | None = None

    def start(self) -> Self:
        """Listen. Raises `MailServerError` when the port is taken or the folder cannot be written."""
        if self._thread is not None:
            return self
        try:
            keeper = Keeper(self.folder)
        except OSError as error:
            raise MailServerError(f"cannot write to {self.folder}: {error.strerror}; choose another folder") from None
        self._handler = Handler(keeper, self._faults)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="mail-server", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(START_S)
        except OSError as error:
            self.stop()
            why = f"cannot listen on {HOST}:{self.port}: {error.strerror}"
            raise MailServerError(f"{why}; choose another port") from None
        return self

    def stop(self) -> None:
        """Stop listening, close every connection, wait for the thread."""
        loop, thread, handler = self._loop, self._thread, self._handler
        if loop is None or thread is None or handler is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), loop).result(START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()
        handler.keeper.close()
        self._loop = self._thread = self._handler = None

    def order(self, faults: Sequence[str]) -> None:
        """Replace the faults, from now on and counted from zero. Raises `FaultError` on one that cannot be read."""
        self._faults = Faults(faults)
        if self._handler is not None:
            self._handler.faults = self._faults

    @property
    def accepted(self) -> list[Accepted]:
        """All acceptances of this folder so far."""
        return read_accepted(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _listen(self) -> None:
        loop, handler = asyncio.get_running_loop(), self._handler
        if handler is None:
            raise MailServerError("the server was stopped while it started; start it again")
        self._server = await loop.create_server(
            lambda: MailSession(handler, hostname="localhost", loop=loop), HOST, self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        """Cancelled sessions close their own connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        sessions = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in sessions:
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
