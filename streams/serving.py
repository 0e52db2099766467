"""A sender for some of the channels: what the roles that send have in common."""

import asyncio
from collections.abc import Mapping

from ledger.migrate import migrate
from ledger.outbox import Share
from notifiers.breaker import Breaker
from notifiers.channels.channel import Channel
from notifiers.claims import Claims
from notifiers.clocks import Clocks
from notifiers.kept_file import FileWrongError
from notifiers.sender import FINISH_S, Sender
from streams.bells import QUEUED, bell
from streams.channels import ChannelWrong, channels_of
from streams.clock import BusinessClock, elapsed, random_id, real_now
from streams.ledgers import ledger_of
from streams.patience import Patience, Stopped
from streams.settings import Settings

APART = ("in_app",)
"""Channels with a role of their own: their calls wait for customers, and would take the places of all others."""


async def serve(
    settings: Settings, stop: asyncio.Event, share: Share, channels: Mapping[str, Channel], places: int
) -> None:
    """Send what is in `share` by `channels` until `stop`, then let calls under way end.

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
    )
    sender = Sender(claims, channels, patience, chance=chance, places=places)
    try:
        await patience(lambda: migrate(ledger))
        for name, channel in channels.items():
            try:
                await channel.open()
            except (FileWrongError, OSError) as error:
                raise ChannelWrong(f"channel {name}: {error}: correct its settings") from None
        await sender.serve(stop, bell(QUEUED))
    except Stopped:
        return
    finally:
        for channel in channels.values():
            await channel.close()


def chance() -> float:
    """A random number of [0, 1)."""
    return int(random_id()[:8], 16) / 2**32
