"""A sender for tests: its clocks are set by hand, its provider keeps a log of what it accepted."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from ledger.database import Ledger
from models.decisions import Decision, Standing
from models.notifications import Message, PermanentFailure, Receipt, TemporaryFailure, UnclearFailure
from notifiers.breaker import Breaker
from notifiers.channels.channel import Channel, ChannelConfig
from notifiers.claims import Claims, Step, Word, no_step, no_word
from notifiers.clocks import Clocks
from notifiers.recheck import Ruling, recheck
from notifiers.sender import Sender
from tests.outreach import NOW, address, consent, decide, issue, outbox_row, remember

T = TypeVar("T")
LEASE_S = 30.0
KEYED = timedelta(hours=24)


class Clock:
    """All three clocks, going only when told to."""

    def __init__(self, start: datetime = NOW) -> None:
        self.at, self.seconds = start, 1000.0

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds

    def clocks(self) -> Clocks:
        return Clocks(lambda: self.at, lambda: self.at, lambda: self.seconds)


class Provider(Channel):
    """Does with each call what `plan` says next, and accepts when the plan is empty.

    `log` gets one line per acceptance: what a customer would have received.
    """

    name = "email"
    idempotency_window = timedelta(0)
    Config = ChannelConfig

    def __init__(self, log: Path | None = None, step: Step = no_step) -> None:
        self.log, self.plan, self.step = log, list[str](), step
        self.accepted: list[str] = []
        self.calls: list[tuple[Message, datetime]] = []
        self.gate: asyncio.Event | None = None

    async def send(self, message: Message, at: datetime) -> Receipt:
        self.calls.append((message, at))
        told = self.plan.pop(0) if self.plan else "accept"
        self.step("provider.before")
        if told == "temporary":
            raise TemporaryFailure(f"421 busy, {message.address}")
        if told == "later":
            raise TemporaryFailure("429", retry_after_s=120.0)
        if told == "permanent":
            raise PermanentFailure(f"550 no such mailbox {message.address}")
        if told == "lost":
            raise UnclearFailure("connection lost")
        await asyncio.sleep(0)  # so that several are under way at once
        self._accept(message)
        self.step("provider.accepted")
        if self.gate is not None:
            await self.gate.wait()
        if told == "accept_then_lost":
            raise UnclearFailure("connection lost after the body")
        if told == "accept_then_bug":
            raise RuntimeError("not a failure that a channel may raise")
        return Receipt(provider_id="q1", detail=f"250 queued for {message.address}")

    def _accept(self, message: Message) -> None:
        if self.idempotency_window and message.outreach_id in self.accepted:
            return
        self.accepted.append(message.outreach_id)
        if self.log is not None:
            with self.log.open("a") as log:
                log.write(message.outreach_id + "\n")


def keyed(window: timedelta = KEYED, log: Path | None = None, step: Step = no_step) -> Provider:
    """A provider that knows a repeated key for so long, and accepts it only once."""

    class Keyed(Provider):
        idempotency_window = window

    return Keyed(log, step)


async def at_once(work: Callable[[], T]) -> T:
    """Runs the ledger's work in place of a thread: nothing happens at the same time."""
    return work()


async def in_thread(work: Callable[[], T]) -> T:
    """As in the real process."""
    return await asyncio.to_thread(work)


class House:
    """One sender process: claims and sender over a ledger."""

    def __init__(
        self,
        ledger: Ledger,
        provider: Provider,
        clock: Clock,
        *,
        owner: str = "a",
        step: Step = no_step,
        breaker: Breaker | None = None,
        places: int = 8,
        threads: bool = False,
        outreach: bool = True,
        look: Callable[[Decision, Standing, datetime], Ruling | None] = recheck,
        word: Word = no_word,
    ) -> None:
        self.claims = Claims(
            ledger,
            clock.clocks(),
            {"email": provider.idempotency_window},
            owner=owner,
            lease_s=LEASE_S,
            breaker=breaker or Breaker(0),
            step=step,
            outreach=outreach,
            recheck=look,
            word=word,
        )
        run = in_thread if threads else at_once
        self.sender = Sender(self.claims, {"email": provider}, run, chance=lambda: 0.5, places=places, step=step)

    async def round(self) -> int:
        """Claim what is due and see it through."""
        claimed = await self.sender.look()
        await self.sender.finish(5.0)
        return claimed


def queue(ledger: Ledger, amount: int = 1) -> None:
    for number in range(1, amount + 1):
        remember(ledger, consent(f"c-{number}", True), address(f"c-{number}"))
    assert decide(ledger, *(issue(number) for number in range(1, amount + 1))) == amount


async def called(provider: Provider) -> None:
    """Wait until the provider holds the call."""
    async with asyncio.timeout(10):
        while not provider.accepted or not provider.calls:
            await asyncio.sleep(0)


def row(ledger: Ledger, number: int = 1) -> dict[str, object]:
    with ledger.read() as connection:
        return outbox_row(connection, f"i-{number}")
