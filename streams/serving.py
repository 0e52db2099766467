"""A sender for some of the channels: what the roles that send have in common."""

import asyncio
from collections.abc import Mapping

from ledger.migrate import migrate
from ledger.outbox import Share
from models.notifications import OutboxState
from notifiers.breaker import Breaker
from notifiers.channels.channel import Channel
from notifiers.claims import BLOCKED, Claims
from notifiers.clocks import Clocks
from notifiers.kept_file import FileWrongError
from notifiers.sender import FINISH_S, Sender
from streams.bells import QUEUED, Bell, bell
from streams.channels import ChannelWrong, channels_of
from streams.clock import BusinessClock, elapsed, random_id, real_now
from streams.ledgers import ledger_of
from streams.metrics.catalogue import DETECT_TO_SEND, DUPLICATE_BLOCKED, OUTREACH
from streams.metrics.registry import METRICS
from streams.patience import Patience, Stopped
from streams.probes.look import LEDGER_AWAY, Look
from streams.probes.vitals import VITALS
from streams.settings import Settings

APART = ("in_app",)
"""Channels with a role of their own: their calls wait for customers, and would take the places of all others."""


async def serve(
    settings: Settings, stop: asyncio.Event, share: Share, channels: Mapping[str, Channel], places: int, role: str
) -> None:
    """Send as `role` what is in `share` by `channels` until `stop`, then let calls under way end.

    Raises `OperatorError` (`GiveUp`: exit code 70), `ChannelWrong` when a channel's file does not hold.
    """
    ledger, patience = ledger_of(settings), Patience(settings.give_up_s, stop, FINISH_S)
    claims = Claims(
        ledger,
        Clocks(BusinessClock(settings.clock_file).now, real_now, elapsed),
        {name: channel.idempotency_window for name, channel in channels_of(settings).items()},
        share=share,
        owner=random_id(),
        lease_s=settings.lease_s,
        outreach=settings.outreach,
        breaker=Breaker(settings.breaker_floor, settings.breaker_times),
        word=word,
    )
    sender = Sender(claims, channels, patience, chance=chance, places=places)
    rounds = Rounds(bell(QUEUED), patience)
    VITALS.watch(role, rounds)
    METRICS.create(OUTREACH, channel=channels)
    METRICS.create(DETECT_TO_SEND, channel=channels)
    try:
        await patience(lambda: migrate(ledger))
        for name, channel in channels.items():
            try:
                await channel.open()
            except (FileWrongError, OSError) as error:
                raise ChannelWrong(f"channel {name}: {error}: correct its settings") from None
        await sender.serve(stop, rounds)
    except Stopped:
        return
    finally:
        for channel in channels.values():
            await channel.close()


class Rounds:
    """The sender's bell, which also notes that the sender's loop comes round."""

    def __init__(self, bell: Bell, patience: Patience) -> None:
        self._bell, self._patience = bell, patience
        self._came_at = elapsed()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._bell.ring()

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings, or after `timeout_s`."""
        self._came_at = elapsed()
        await self._bell.wait(timeout_s)

    def look(self) -> Look:
        """Whether it goes on. A provider that is down is none of the sender's illnesses."""
        away = self._patience.away
        return Look(
            away="ledger" if away else "",
            not_ready=[LEDGER_AWAY] if away else [],
            round_s=elapsed() - self._came_at,
        )


def word(channel: str, outcome: str, seconds: float | None) -> None:
    """Count what became of a notification."""
    if outcome == BLOCKED:
        METRICS.add(DUPLICATE_BLOCKED, 1, "wire")
        return
    METRICS.add(OUTREACH, 1, channel, "retried" if outcome == OutboxState.PENDING else outcome.lower())
    if seconds is not None:
        METRICS.observe(DETECT_TO_SEND, max(0.0, seconds), channel)


def chance() -> float:
    """A random number of [0, 1)."""
    return int(random_id()[:8], 16) / 2**32
