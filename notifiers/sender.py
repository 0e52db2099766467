"""Sends what waits in the outbox: a few at once, each at most once, and every end on record."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol, TypeVar

import msgspec

from ledger.endings import accept, end, put_back
from ledger.outbox import is_due
from models.notifications import OutboxState, Receipt
from notifiers.channels.channel import Channel
from notifiers.claims import Claims, Held, Ready, Step, no_step
from notifiers.outcomes import outcome_of

T = TypeVar("T")

POLL_S = 0.2
"""How often to look when nobody rang."""
FINISH_S = 20.0
"""How long calls under way may take to end once the process is told to stop."""
_SPARE = 0.5
"""Of a lease: with less left, a send that is about to begin waits for the next claim instead."""


class Runner(Protocol):
    """Runs blocking work on the ledger away from the event loop, with patience while the ledger is away."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """The result of `work`."""


class Bell(Protocol):
    """Rings when something is queued."""

    def ring(self) -> None:
        """Wake whoever waits."""

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings, or after `timeout_s`."""


class Sender:
    """One process's sender. `places`: calls at once; `chance`: random numbers of [0, 1) that spread retries."""

    def __init__(
        self, claims: Claims, channels: Mapping[str, Channel], run: Runner, *, chance: Callable[[], float],
        places: int = 8, step: Step = no_step,
    ) -> None:
        self._claims, self._channels, self._run = claims, channels, run
        self._chance, self._places, self._step = chance, places, step
        self._live: dict[str, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._renewed_at = self._recovered_at = self._claimed_at = -1e9

    async def serve(self, stop: asyncio.Event, bell: Bell) -> None:
        """Send until `stop`, then let the calls under way end, for 20 s at most. Raises what `run` raises."""
        try:
            while not stop.is_set():
                await self.look(bell)
                await bell.wait(POLL_S)
        finally:
            self._stopping = True
            await self.finish(FINISH_S)

    async def look(self, bell: Bell | None = None) -> int:
        """Claim what there is room for and begin to send it; how many. Looks after leases, ours and lapsed ones."""
        await self._keep_leases()
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.discard(task)
            task.result()
        free = self._places - len(self._tasks)
        if not self._worth_a_claim(free) or not await self._run(self._anything_due):
            return 0
        self._claimed_at = self._claims.clocks.elapsed()
        taken = await self._run(lambda: self._claims.take(free))
        if taken.settled and bell is not None:
            bell.ring()  # there may be more behind them
        for held in taken.held:
            self._live[held.notice.outreach_id] = held
            task = asyncio.create_task(self._deliver(held))
            task.add_done_callback(lambda _: bell.ring() if bell else None)
            self._tasks.add(task)
        return len(taken.held)

    async def finish(self, timeout_s: float) -> None:
        """Wait for the calls under way; what takes longer is cut off, and its end is unclear. Raises their errors."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
            tasks, self._tasks = self._tasks, set()
            for error in await asyncio.gather(*tasks, return_exceptions=True):
                if error is not None and not isinstance(error, asyncio.CancelledError):
                    raise error

    def _worth_a_claim(self, free: int) -> bool:
        """Not for every single place that gets free: a claim is a transaction, better for several rows at once."""
        if free <= 0 or self._claims.stopped:
            return False
        return free * 2 >= self._places or self._claims.clocks.elapsed() - self._claimed_at >= POLL_S

    def _anything_due(self) -> bool:
        clocks = self._claims.clocks
        with self._claims.ledger.read() as connection:
            return is_due(connection, clocks.now(), clocks.real_now())

    async def _deliver(self, held: Held) -> None:
        try:
            if self._stopping:
                await self._put_back(held, "stopping")
                return
            ready = await self._run(lambda: self._claims.put_on_wire(held))
            if ready is not None:
                await self.send(ready)
        finally:
            self._live.pop(held.notice.outreach_id, None)

    def _may_begin(self, held: Held) -> bool:
        """On the monotonic clock, just before the first byte: a process that was asleep no longer owns the row."""
        leased_at = self._live.get(held.notice.outreach_id, held).leased_at
        return self._claims.clocks.elapsed() - leased_at < self._claims.lease_s * _SPARE

    async def send(self, ready: Ready) -> None:
        """Hand over what is on the wire and record its end, unless this process slept through its lease."""
        if not self._may_begin(ready.held):
            await self._put_back(ready.held, "lease_short")
            return
        channel = self._channels[ready.held.notice.channel]
        self._step("send.before")
        try:
            receipt = await channel.send(ready.message, ready.at)
        except (Exception, asyncio.CancelledError) as raised:
            error = raised
            self._step("send.failed")
            await self._run(lambda: self._failed(ready, error, channel.idempotency_window))
            self._step("failure.committed")
            return
        self._step("send.accepted")
        await self._run(lambda: self._accepted(ready, receipt))
        self._step("receipt.committed")

    def _accepted(self, ready: Ready, receipt: Receipt) -> None:
        claims = self._claims
        clean = msgspec.structs.replace(receipt, detail=without(ready, receipt.detail))
        with claims.ledger.write() as connection:
            accept(connection, ready.held.notice, clean, claims.clocks.now(), claims.clocks.real_now())
            self._step("receipt.written")

    def _failed(self, ready: Ready, error: BaseException, window: timedelta) -> None:
        claims, notice = self._claims, ready.held.notice
        real_now = claims.clocks.real_now()
        outcome = outcome_of(
            error, attempts=notice.attempts, chance=self._chance(), window=window, first_wire_at=notice.first_wire_at,
            real_now=real_now,
        )
        with claims.ledger.write() as connection:
            if outcome.state == OutboxState.PENDING:
                retry_at = real_now + timedelta(seconds=outcome.retry_in_s)
                put_back(connection, notice, outcome.reason, retry_at, real_now, outcome.unclear)
            else:
                detail = without(ready, str(error))
                end(connection, notice, outcome.state, outcome.reason, detail, claims.clocks.now(), real_now)
            self._step("failure.written")

    async def _put_back(self, held: Held, reason: str) -> None:
        def work() -> None:
            with self._claims.ledger.write() as connection:
                put_back(connection, held.notice, reason, None, self._claims.clocks.real_now(), unclear=False)

        await self._run(work)

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


def without(ready: Ready, text: str) -> str:
    """A provider's words without the customer's address and name, which they like to repeat."""
    for value in (ready.message.address, ready.message.name):
        if value:
            text = text.replace(value, "…")
    return text
