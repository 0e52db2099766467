"""The two transactions before messages leave: to claim them, and to put them on the wire. Both check it all again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from ledger import leases
from ledger.database import Ledger
from ledger.deciding import ended
from ledger.endings import end, put_back
from ledger.outbox import ALL, Notice, Share, claim, put_on_wire, rule_out, waiting
from ledger.standing import Known, standings
from ledger.switches import halted
from models.decisions import Decision, Standing
from models.notifications import OutboxState, PermanentFailure
from notifiers.breaker import Breaker
from notifiers.clocks import Clocks
from notifiers.docket import reach_back
from notifiers.messages import Held, Ready, body_hash, ready_at
from notifiers.outcomes import may_repeat
from notifiers.recheck import Ruling, recheck

Recheck = Callable[[Decision, Standing, datetime], Ruling | None]
Step = Callable[[str], None]


def no_step(_name: str) -> None:
    """Called at every point where a process may die; does nothing."""


Word = Callable[[str, str, float | None], None]
"""Told, after the commit, what became of a notification: channel, outcome, seconds from the issue to the send."""

BLOCKED = "blocked"
"""The outcome of one that another sender held when it was to go on the wire."""


def no_word(_channel: str, _outcome: str, _seconds: float | None) -> None:
    """Does nothing."""


class Taken(msgspec.Struct, frozen=True):
    """What one claim brought: those now held, and how many others it settled or put off."""

    held: list[Held]
    settled: int


class Claims:
    """What one sender process does to the outbox before a send. `outreach`: the operator's own switch.

    `windows` is the idempotency window of each channel; a channel that is not there is not sent on. `share`: only their
    notifications are claimed. All methods raise `LedgerUnavailable`: then nothing is held, and nothing may be sent.
    """

    def __init__(
        self,
        ledger: Ledger,
        clocks: Clocks,
        windows: Mapping[str, timedelta],
        *,
        owner: str,
        share: Share = ALL,
        lease_s: float = 30.0,
        outreach: bool = True,
        breaker: Breaker | None = None,
        recheck: Recheck = recheck,
        step: Step = no_step,
        word: Word = no_word,
    ) -> None:
        self.word = word
        self.ledger, self.clocks, self.windows, self.lease_s = ledger, clocks, windows, lease_s
        self.stopped = not outreach
        self.share, self._owner, self._breaker = share, owner, breaker or Breaker()
        self._recheck, self._step = recheck, step

    def take(self, places: int) -> Taken:
        """Claim at most `places` notifications that may go out now; settle those that may not."""
        leased_at = self.clocks.elapsed()
        held, settled = [], 0
        ended: list[tuple[str, str]] = []
        self._step("claim.before")
        with self.ledger.write() as connection:
            now, real_now = self.clocks.now(), self.clocks.real_now()
            if self.stopped or halted(connection):
                return Taken([], 0)
            notices = waiting(connection, now, real_now, places, self.share)
            notices = notices[: self._breaker.allowance(connection, now, len(notices))]
            for notice, _, ruling in self._looked_at(connection, notices, now, real_now):
                if ruling is not None:
                    ended.append((notice.channel, _settle(connection, notice, ruling, real_now)))
                    settled += 1
                    continue
                taken = claim(connection, notice, self._owner, self._lease_until(real_now), real_now)
                if taken is not None:
                    held.append(Held(taken, leased_at))
            self._step("claim.written")
        self._step("claim.committed")
        self._say(ended)
        return Taken(held, settled)

    def put_on_wire(self, held: Sequence[Held]) -> list[Ready]:
        """Look once more, make the messages and commit that they may leave now; what does not come back must not."""
        self._step("wire.before")
        ready = []
        ended: list[tuple[str, str]] = []
        with self.ledger.write() as connection:
            now, real_now = self.clocks.now(), self.clocks.real_now()
            if halted(connection):
                for one in held:
                    put_back(connection, one.notice, "halted", None, real_now, unclear=False)
                return []
            looked_at = self._looked_at(connection, [one.notice for one in held], now, real_now)
            for one, (notice, standing, ruling) in zip(held, looked_at, strict=True):
                if ruling is not None:
                    ended.append((notice.channel, _settle(connection, notice, ruling, real_now)))
                    continue
                made = self._made(connection, one, standing, now, real_now)
                if isinstance(made, Ready):
                    ready.append(made)
                else:
                    ended.append((notice.channel, made))
            self._step("wire.written")
        self._step("wire.committed")
        self._say(ended)
        return ready

    def put_back(self, held: Sequence[Held], reason: str) -> None:
        """Give up what was surely not sent, for any sender to take."""
        with self.ledger.write() as connection:
            for one in held:
                put_back(connection, one.notice, reason, None, self.clocks.real_now(), unclear=False)

    def renew(self, held: Sequence[Held]) -> list[Held]:
        """Hold on for another lease; those that are still ours come back."""
        leased_at = self.clocks.elapsed()
        with self.ledger.write() as connection:
            real_now = self.clocks.real_now()
            kept = leases.renew(connection, [one.notice for one in held], self._lease_until(real_now), real_now)
        return [Held(notice, leased_at) for notice in kept]

    def recover(self) -> None:
        """Look after what senders that are gone have left."""
        real_now = self.clocks.real_now()
        with self.ledger.read() as connection:
            if not leases.lapsed_exist(connection, real_now):
                return
        self._step("recover.before")
        with self.ledger.write() as connection:
            leases.recover(connection, real_now, self.windows)
            self._step("recover.written")
        self._step("recover.committed")

    def _lease_until(self, real_now: datetime) -> datetime:
        return real_now + timedelta(seconds=self.lease_s)

    def _looked_at(
        self, connection: Connection, notices: Sequence[Notice], now: datetime, real_now: datetime
    ) -> list[tuple[Notice, Standing, Ruling | None]]:
        if not notices:
            return []
        since = now - max(reach_back(notice.decision.limits) for notice in notices)
        known = standings(connection, (notice.customer_id for notice in notices), since)
        over = ended(connection, (notice.decision.issue.issue_id for notice in notices))
        looked_at = []
        for notice in notices:
            standing = _standing(notice, known[notice.customer_id], over)
            looked_at.append((notice, standing, self._ruling(notice, standing, now, real_now)))
        return looked_at

    def _ruling(self, notice: Notice, standing: Standing, now: datetime, real_now: datetime) -> Ruling | None:
        window = self.windows.get(notice.channel)
        if window is None:
            return Ruling(state=OutboxState.FAILED, rule="channel", reason="no_such_channel")
        if notice.first_wire_at is not None and not may_repeat(window, notice.first_wire_at, real_now):
            return Ruling(state=OutboxState.UNKNOWN, rule="window", reason="window_passed")
        try:
            return self._recheck(notice.decision, standing, now)
        except Exception:  # whatever it is: who could not look has not allowed anything
            return Ruling(state=OutboxState.SUPPRESSED, rule="recheck", reason="recheck_failed")

    def _made(
        self, connection: Connection, held: Held, standing: Standing, now: datetime, real_now: datetime
    ) -> Ready | str:
        """The message, on the wire, or how it ended; the very same as before when it may have been accepted earlier."""
        notice = held.notice
        unclear = notice.first_wire_at is not None
        try:
            ready = ready_at(connection, held, standing, now)
        except PermanentFailure as error:
            state = OutboxState.UNKNOWN if unclear else OutboxState.FAILED
            end(connection, notice, state, type(error).__name__, "", now, real_now)
            return state
        body = body_hash(ready)
        if unclear and body != notice.body_hash:
            end(connection, notice, OutboxState.UNKNOWN, "body_changed", "", now, real_now)
            return OutboxState.UNKNOWN
        until = self._lease_until(real_now)
        return ready if put_on_wire(connection, notice, body, ready.at, until, real_now) else BLOCKED

    def _say(self, ended: Sequence[tuple[str, str]]) -> None:
        for channel, outcome in ended:
            if outcome != OutboxState.PENDING:  # it only waits for the end of the quiet hours
                self.word(channel, outcome, None)


def _standing(notice: Notice, known: Known, over: set[str]) -> Standing:
    told = known.told((notice.queued_at, notice.outreach_id))
    return msgspec.structs.replace(known.standing, told=told, resolved=notice.decision.issue.issue_id in over)


def _settle(connection: Connection, notice: Notice, ruling: Ruling, real_now: datetime) -> OutboxState:
    """What may have been accepted already cannot be called off: it is for a person to look at."""
    final = ruling.state != OutboxState.PENDING
    state = OutboxState.UNKNOWN if final and notice.first_wire_at is not None else ruling.state
    reason = ruling.rule if ruling.rule == ruling.reason else f"{ruling.rule}: {ruling.reason}"
    rule_out(connection, notice, state, reason, ruling.not_before, real_now)
    return state
