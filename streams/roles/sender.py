"""sender: what waits in the outbox goes to the channels."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ledger.migrate import migrate
from models.errors import OperatorError
from notifiers.breaker import Breaker
from notifiers.channels.catalogue import all_channels
from notifiers.channels.channel import Channel
from notifiers.claims import Claims
from notifiers.clocks import Clocks
from notifiers.sender import FINISH_S, Sender
from streams.bells import QUEUED, bell
from streams.clock import BusinessClock, elapsed, random_id, real_now
from streams.ledgers import ledger_of
from streams.patience import Patience, Stopped
from streams.settings import Settings


class ChannelWrong(OperatorError):
    """A channel is unknown, or its settings are. Operator action: correct the named setting."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Send until `stop`, then let calls under way end. Raises `OperatorError` (`GiveUp`: exit code 70)."""
    ledger, patience = ledger_of(settings), Patience(settings.give_up_s, stop, FINISH_S)
    channels = channels_of(settings)
    clocks = Clocks(BusinessClock(settings.clock_file).now, real_now, elapsed)
    claims = Claims(
        ledger,
        clocks,
        {name: channel.idempotency_window for name, channel in channels.items()},
        owner=random_id(),
        lease_s=settings.lease_s,
        outreach=settings.outreach,
        breaker=breaker_of(settings),
    )
    sender = Sender(claims, channels, patience, chance=chance, places=settings.senders)
    try:
        await patience(lambda: migrate(ledger))
        for channel in channels.values():
            await channel.open()
        await sender.serve(stop, bell(QUEUED))
    except Stopped:
        return
    finally:
        for channel in channels.values():
            await channel.close()


def channels_of(settings: Settings) -> dict[str, Channel]:
    """Every channel there is, by name. Raises `ChannelWrong`."""
    known, given = all_channels(), _given(settings)
    for name in settings.channels:
        if name not in known:
            raise ChannelWrong(f"there is no channel {name!r}: choose of {', '.join(known)} in BEFOREHAND_CHANNELS")
    return {name: _channel(name, kind, given.get(name, {})) for name, kind in known.items()}


def breaker_of(settings: Settings) -> Breaker:
    """The guard against a mass mistake, as the operator set it."""
    return Breaker(settings.breaker_floor, settings.breaker_times)


def chance() -> float:
    """A random number of [0, 1)."""
    return int(random_id()[:8], 16) / 2**32


def _channel(name: str, kind: Any, given: Mapping[str, object]) -> Channel:
    try:
        channel: Channel = kind(kind.Config(**given))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise ChannelWrong(f"channel {name} {where}: {wrong['msg']}: correct its settings") from None
    return channel


def _given(settings: Settings) -> dict[str, dict[str, object]]:
    """What the operator may set, by channel; a channel without an entry takes its defaults."""
    return {
        "email": {
            "host": settings.smtp_host,
            "port": settings.smtp_port,
            "tls": settings.smtp_tls,
            "user": settings.smtp_user,
            "password": settings.smtp_password,
            "mail_from": settings.mail_from,
            "allowed_domains": frozenset(settings.allowed_domains),
            "connections": settings.senders,
            "reply_timeout_s": settings.smtp_timeout_s,
        },
    }
