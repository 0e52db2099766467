"""One call to a provider, and its end on record."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec
from sqlalchemy import Connection

from ledger.endings import accept, end, put_back
from models.notifications import OutboxState, Receipt
from notifiers.channels.channel import Channel
from notifiers.claims import Step, Word, no_step, no_word
from notifiers.clocks import Clocks
from notifiers.messages import Ready, without
from notifiers.outcomes import Outcome, outcome_of
from notifiers.together import Together


class Calls:
    """Makes calls. `chance`: random numbers of [0, 1) that spread retries."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        together: Together,
        clocks: Clocks,
        *,
        chance: Callable[[], float],
        step: Step = no_step,
        word: Word = no_word,
    ) -> None:
        self._word = word
        self._channels, self._together, self._clocks = channels, together, clocks
        self._chance, self._step = chance, step

    async def make(self, ready: Ready) -> None:
        """Hand the message over and record what became of it. Cancelled under way: the end is unclear, and recorded."""
        channel = self._channels[ready.held.notice.channel]
        self._step("send.before")
        try:
            receipt = await channel.send(ready.message, ready.at)
        except (Exception, asyncio.CancelledError) as error:
            self._step("send.failed")
            outcome = self._outcome(ready, error, channel.idempotency_window)
            detail = without(ready, str(error))
            await self._together.write(lambda connection: self._failed(connection, ready, outcome, detail))
            self._step("failure.committed")
            self._word(channel.name, outcome.state, None)
            return
        self._step("send.accepted")
        await self._together.write(lambda connection: self._accepted(connection, ready, receipt))
        self._step("receipt.committed")
        spent = self._clocks.now() - ready.held.notice.decision.issue.at
        self._word(channel.name, OutboxState.SENT, spent.total_seconds())

    def _outcome(self, ready: Ready, error: BaseException, window: timedelta) -> Outcome:
        notice = ready.held.notice
        return outcome_of(
            error,
            attempts=notice.attempts,
            chance=self._chance(),
            window=window,
            first_wire_at=notice.first_wire_at,
            real_now=self._clocks.real_now(),
        )

    def _accepted(self, connection: Connection, ready: Ready, receipt: Receipt) -> None:
        clean = msgspec.structs.replace(receipt, detail=without(ready, receipt.detail))
        accept(connection, ready.held.notice, clean, self._clocks.now(), self._clocks.real_now())
        self._step("receipt.written")

    def _failed(self, connection: Connection, ready: Ready, outcome: Outcome, detail: str) -> None:
        notice, now, real_now = ready.held.notice, self._clocks.now(), self._clocks.real_now()
        if outcome.state == OutboxState.PENDING:
            retry_at = real_now + timedelta(seconds=outcome.retry_in_s)
            put_back(connection, notice, outcome.reason, retry_at, real_now, outcome.unclear)
        else:
            end(connection, notice, outcome.state, outcome.reason, detail, now, real_now)
        self._step("failure.written")
