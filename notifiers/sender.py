"""Sends what waits in the outbox: a few at once, each at most once, and every end on record."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from ledger.outbox import is_due
from notifiers.calls import Calls
from notifiers.channels.channel import Channel
from notifiers.claims import Claims, Step, no_step
from notifiers.messages import Held, Ready
from notifiers.together import Runner, Together

POLL_S = 0.2
"""How often to look when nobody rang."""
FINISH_S = 20.0
"""How long calls under way may take to end once the process is told to stop."""
_SPARE = 0.5
"""Of a lease: with less left, a send that is about to begin waits for the next claim instead."""


class Bell(Protocol):
    """Rings when something is queued."""

    def ring(self) -> None:
        """Wake whoever waits."""

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings, or after `timeout_s`."""


class Sender:
    """One process's sender. `places`: calls at once; `chance`: random numbers of [0, 1) that spread retries."""

    def __init__(
        self,
        claims: Claims,
        channels: Mapping[str, Channel],
        run: Runner,
        *,
        chance: Callable[[], float],
        places: int = 8,
        step: Step = no_step,
    ) -> None:
        self._claims, self._run, self._places = claims, run, places
        self._together = Together(claims.ledger, run)
        self._calls = Calls(channels, self._together, claims.clocks, chance=chance, step=step, word=claims.word)
        self._live: dict[str, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bell: Bell | None = None
        self._stopping = False
        self._renewed_at = self._recovered_at = self._claimed_at = -1e9

    async def serve(self, stop: asyncio.Event, bell: Bell) -> None:
        """Send until `stop`, then let the calls under way end, for 20 s at most. Raises what `run` raises."""
        self._bell = bell
        try:
            while not stop.is_set():
                await self.look()
                await bell.wait(POLL_S)
        finally:
            self._stopping = True
            await self.finish(FINISH_S)

    async def look(self) -> int:
        """Claim what there is room for and begin to send it; how many. Looks after leases, ours and lapsed ones."""
        await self._keep_leases()
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.discard(task)
            task.result()
        free = self._places - len(self._live)
        if not self._worth_a_claim(free) or not await self._run(self._anything_due):
            return 0
        self._claimed_at = self._claims.clocks.elapsed()
        taken = await self._run(lambda: self._claims.take(free))
        if taken.settled:
            self._ring()  # there may be more behind them
        self._live |= {held.notice.outreach_id: held for held in taken.held}
        if taken.held:
            self._start(self._begin(taken.held))
        return len(taken.held)

    async def send(self, ready: Ready) -> None:
        """Make the call and record its end, unless this process slept through its lease since the claim."""
        outreach = ready.held.notice.outreach_id
        try:
            leased_at = self._live.get(outreach, ready.held).leased_at
            # on the monotonic clock, just before the first byte: who was asleep no longer owns the row
            if self._claims.clocks.elapsed() - leased_at < self._claims.lease_s * _SPARE:
                await self._calls.make(ready)
            else:
                await self._run(lambda: self._claims.put_back([ready.held], "lease_short"))
        finally:
            self._live.pop(outreach, None)
            self._ring()

    async def finish(self, timeout_s: float) -> None:
        """Wait for the calls under way; what takes longer is cut off, and its end is unclear. Raises their errors."""
        ends_at = asyncio.get_running_loop().time() + timeout_s
        while self._tasks:
            left = ends_at - asyncio.get_running_loop().time()
            done, late = await asyncio.wait(self._tasks, timeout=max(left, 0.0), return_when=asyncio.FIRST_COMPLETED)
            if not done:
                for task in late:
                    task.cancel()
                await asyncio.wait(late)
            self._tasks -= done
            for task in done:
                if not task.cancelled():
                    task.result()
        await self._together.finish()

    async def _begin(self, held: list[Held]) -> None:
        ready: list[Ready] = []
        try:
            if self._stopping:
                await self._run(lambda: self._claims.put_back(held, "stopping"))
            else:
                ready = await self._run(lambda: self._claims.put_on_wire(held))
        finally:
            under_way = {one.held.notice.outreach_id for one in ready}
            for one in held:
                if one.notice.outreach_id not in under_way:
                    self._live.pop(one.notice.outreach_id, None)
        for each in ready:
            self._start(self.send(each))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.ring()

    def _worth_a_claim(self, free: int) -> bool:
        """Not for every single place that gets free: a claim is a transaction, better for several rows at once."""
        if free <= 0 or self._claims.stopped:
            return False
        return free * 2 >= self._places or self._claims.clocks.elapsed() - self._claimed_at >= POLL_S

    def _anything_due(self) -> bool:
        clocks = self._claims.clocks
        with self._claims.ledger.read() as connection:
            return is_due(connection, clocks.now(), clocks.real_now(), self._claims.share)

    async def _keep_leases(self) -> None:
        now_s, third = self._claims.clocks.elapsed(), self._claims.lease_s / 3
        if self._live and now_s - self._renewed_at >= third:
            self._renewed_at = now_s
            for kept in await self._run(lambda: self._claims.renew(list(self._live.values()))):
                if kept.notice.outreach_id in self._live:
                    self._live[kept.notice.outreach_id] = kept
        if now_s - self._recovered_at >= min(third, 1.0):
            self._recovered_at = now_s
            await self._run(self._claims.recover)
