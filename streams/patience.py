"""Waiting for a database or a broker that is away: at first briefly, then longer, but not for ever."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ledger.database import LedgerUnavailable
from models.errors import OperatorError
from streams.clock import elapsed
from streams.ending import FAILED

T = TypeVar("T")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 5.0


class GiveUp(OperatorError):
    """Something stayed away for `give_up_s`: the process ends with `exit_code`, nothing is lost, start it again."""

    exit_code = FAILED


class Stopped(Exception):
    """Told to stop while waiting: nothing was done."""


class Patience:
    """Runs blocking work on the ledger in a thread, again while the ledger is away, until `give_up_s` or `stop`.

    `grace_s`: how long to go on after `stop` with what must get on record.
    """

    def __init__(self, give_up_s: float, stop: asyncio.Event, grace_s: float = 0.0) -> None:
        self._give_up_s, self._stop, self._grace_s = give_up_s, stop, grace_s
        self.away = False
        """Whether the ledger did not answer when it was last asked."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """The result of `work`. Raises `GiveUp` when the ledger stays away, `Stopped` when told to stop meanwhile."""
        since, pause = elapsed(), FIRST_PAUSE_S
        stopped_at: float | None = None
        while True:
            try:
                done = await asyncio.to_thread(work)
                self.away = False
                return done
            except LedgerUnavailable as error:
                self.away = True
                if elapsed() - since + pause > self._give_up_s:
                    raise GiveUp(f"{error} (waited {self._give_up_s:g} s)") from error
            if self._stop.is_set():
                stopped_at = stopped_at or elapsed()
                if elapsed() - stopped_at >= self._grace_s:
                    raise Stopped
                await asyncio.sleep(pause)
            else:
                await pause_or_stop(self._stop, pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)


async def pause_or_stop(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but no longer than until `stop`."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
