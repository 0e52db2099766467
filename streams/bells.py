"""Wakes a role of the same process when there is something for it, so that nobody has to look all the time."""

import asyncio
from weakref import WeakKeyDictionary

REMEMBERED = "remembered"
"""The ledger knows more of the journal."""
QUEUED = "queued"
"""Something waits in the outbox."""


class Bell:
    """Remembers that it rang until somebody waited for it. Only for tasks of one event loop."""

    def __init__(self) -> None:
        self._rang = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or the next who does."""
        self._rang.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings, or after `timeout_s`: what other processes do is not heard here."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rang.wait()
        except TimeoutError:
            return
        self._rang.clear()


_bells: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Bell]] = WeakKeyDictionary()


def bell(name: str) -> Bell:
    """The one bell of that name in the running event loop."""
    return _bells.setdefault(asyncio.get_running_loop(), {}).setdefault(name, Bell())
