"""The two transactions before a message leaves: to claim it, and to put it on the wire. Both check it all again."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import Connection

from ledger import leases
from ledger.addressing import address_of
from ledger.database import Ledger
from ledger.deciding import ended
from ledger.endings import end, put_back
from ledger.outbox import Notice, claim, put_on_wire, rule_out, waiting
from ledger.standing import Known, standings
from ledger.switches import halted
from models.decisions import Decision, Standing
from models.notifications import Message, OutboxState, PermanentFailure
from notifiers.breaker import Breaker
from notifiers.clocks import Clocks
from notifiers.docket import reach_back
from notifiers.outcomes import may_repeat
from notifiers.recheck import Ruling, recheck
from notifiers.rendering import render

Recheck = Callable[[Decision, Standing, datetime], Ruling | None]
Step = Callable[[str], None]


def no_step(_name: str) -> None:
    """Called at every point where a process may die; does nothing."""


class Held(msgspec.Struct, frozen=True):
    """A notification that this process holds. `leased_at`: monotonic seconds, from before the lease was written."""

    notice: Notice
    leased_at: float


class Taken(msgspec.Struct, frozen=True):
    """What one claim brought: those now held, and how many others it settled or put off."""

    held: list[Held]
    settled: int


class Ready(msgspec.Struct, frozen=True):
    """On the wire as far as the ledger knows. Holds contact data; `at` is the date the customer sees."""

    held: Held
    message: Message
    at: datetime


class Claims:
    """What one sender process does to the outbox before a send. `outreach`: the operator's own switch.

    `windows` is the idempotency window of each channel; a channel that is not there is not sent on.
    """

    def __init__(
        self, ledger: Ledger, clocks: Clocks, windows: Mapping[str, timedelta], *, owner: str, lease_s: float = 30.0,
        outreach: bool = True, breaker: Breaker | None = None, recheck: Recheck = recheck, step: Step = no_step,
    ) -> None:
        self.ledger, self.clocks, self.windows, self.lease_s = ledger, clocks, windows, lease_s
        self._owner, self._outreach, self._breaker = owner, outreach, breaker or Breaker()
        self._recheck, self._step = recheck, step

    @property
    def stopped(self) -> bool:
        """Whether the operator's setting alone stops all sends."""
        return not self._outreach

    def lease_until(self, real_now: datetime) -> datetime:
        """When a lease given now ends."""
        return real_now + timedelta(seconds=self.lease_s)

    def take(self, places: int) -> Taken:
        """Claim at most `places` notifications that may go out now; settle those that may not.

        Raises `LedgerUnavailable`: then nothing is held.
        """
        if self.stopped:
            return Taken([], 0)
        leased_at = self.clocks.elapsed()
        held, settled = [], 0
        self._step("claim.before")
        with self.ledger.write() as connection:
            now, real_now = self.clocks.now(), self.clocks.real_now()
            if halted(connection):
                return Taken([], 0)
            notices = waiting(connection, now, real_now, places)
            notices = notices[: self._breaker.allowance(connection, now, len(notices))]
            for notice, _, ruling in self._looked_at(connection, notices, now, real_now):
                if ruling is not None:
                    _settle(connection, notice, ruling, real_now)
                    settled += 1
                    continue
                taken = claim(connection, notice, self._owner, self.lease_until(real_now), real_now)
                if taken is not None:
                    held.append(Held(taken, leased_at))
            self._step("claim.written")
        self._step("claim.committed")
        return Taken(held, settled)

    def put_on_wire(self, held: Held) -> Ready | None:
        """Look once more, make the message and commit that it may leave now. None: it must not be sent.

        Raises `LedgerUnavailable`: it must not be sent either.
        """
        notice = held.notice
        self._step("wire.before")
        with self.ledger.write() as connection:
            now, real_now = self.clocks.now(), self.clocks.real_now()
            if halted(connection):
                put_back(connection, notice, "halted", None, real_now, unclear=False)
                return None
            ((_, standing, ruling),) = self._looked_at(connection, [notice], now, real_now)
            if ruling is not None:
                _settle(connection, notice, ruling, real_now)
                return None
            ready = self._made(connection, held, standing, now, real_now)
            if ready is None:
                return None
            until = self.lease_until(real_now)
            if not put_on_wire(connection, notice, body_hash(ready), ready.at, until, real_now):
                return None
            self._step("wire.written")
        self._step("wire.committed")
        return ready

    def renew(self, held: list[Held]) -> list[Held]:
        """Hold on for another lease; those that are still ours come back. Raises `LedgerUnavailable`."""
        leased_at = self.clocks.elapsed()
        with self.ledger.write() as connection:
            real_now = self.clocks.real_now()
            kept = leases.renew(connection, [one.notice for one in held], self.lease_until(real_now), real_now)
        return [Held(notice, leased_at) for notice in kept]

    def recover(self) -> None:
        """Look after what senders that are gone have left. Raises `LedgerUnavailable`."""
        real_now = self.clocks.real_now()
        with self.ledger.read() as connection:
            if not leases.lapsed_exist(connection, real_now):
                return
        self._step("recover.before")
        with self.ledger.write() as connection:
            leases.recover(connection, real_now, self.windows)
            self._step("recover.written")
        self._step("recover.committed")

    def _looked_at(
        self, connection: Connection, notices: list[Notice], now: datetime, real_now: datetime
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
    ) -> Ready | None:
        """The message; the very same as before when an earlier call may have been accepted."""
        notice, issue = held.notice, held.notice.decision.issue
        address, name = address_of(connection, issue.customer_id, notice.channel) or ("", "")
        unclear = notice.first_wire_at is not None
        try:
            words = render(issue, name=name, locale=standing.locale, zone=standing.zone)
        except PermanentFailure as error:
            state = OutboxState.UNKNOWN if unclear else OutboxState.FAILED
            end(connection, notice, state, type(error).__name__, "", now, real_now)
            return None
        message = Message(
            outreach_id=notice.outreach_id, address=address, name=name, subject=words.subject, text=words.text,
            html=words.html,
        )
        ready = Ready(held, message, notice.told_at if unclear else now)
        if unclear and body_hash(ready) != notice.body_hash:
            end(connection, notice, OutboxState.UNKNOWN, "body_changed", "", now, real_now)
            return None
        return ready


def body_hash(ready: Ready) -> str:
    """SHA-256 of all that a provider gets to see."""
    return sha256(msgspec.json.encode([ready.message, ready.at])).hexdigest()


def _standing(notice: Notice, known: Known, over: set[str]) -> Standing:
    told = known.told((notice.queued_at, notice.outreach_id))
    return msgspec.structs.replace(known.standing, told=told, resolved=notice.decision.issue.issue_id in over)


def _settle(connection: Connection, notice: Notice, ruling: Ruling, real_now: datetime) -> None:
    """What may have been accepted already cannot be called off: it is for a person to look at."""
    final = ruling.state != OutboxState.PENDING
    state = OutboxState.UNKNOWN if final and notice.first_wire_at is not None else ruling.state
    reason = ruling.rule if ruling.rule == ruling.reason else f"{ruling.rule}: {ruling.reason}"
    rule_out(connection, notice, state, reason, ruling.not_before, real_now)
