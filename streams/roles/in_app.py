"""in_app: what waits for customers in their sessions, and the edge that their pages listen at."""

import asyncio

from ledger.outbox import Share, resting, wake
from notifiers.channels.in_app import InAppChannel
from streams.bells import QUEUED, bell
from streams.channels import ChannelWrong, channels_of
from streams.clock import real_now
from streams.ledgers import ledger_of
from streams.patience import Patience, Stopped
from streams.serving import serve
from streams.settings import Settings

PLACES = 64
"""Pages that may be showing something at once."""
_LOOKS_S = (0.0, 1.0)
"""After an arrival: at once, and again for what was just being put back."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve pages until `stop`. Raises `OperatorError` (`GiveUp`: exit code 70)."""
    channel = channels_of(settings)["in_app"]
    if not isinstance(channel, InAppChannel) or settings.in_app_keys is None:
        raise ChannelWrong("the role in_app has no keys: name their file in BEFOREHAND_IN_APP_KEYS")
    ledger, patience = ledger_of(settings), Patience(settings.give_up_s, stop)
    async with asyncio.TaskGroup() as group:

        async def look(customer_id: str) -> None:
            for pause_s in _LOOKS_S:
                await asyncio.sleep(pause_s)
                try:
                    woken = await patience(lambda: _wake(customer_id))
                except Stopped:
                    return
                if woken:
                    bell(QUEUED).ring()

        def _wake(customer_id: str) -> int:
            with ledger.read() as connection:
                if not resting(connection, customer_id, channel.name, real_now()):
                    return 0
            with ledger.write() as connection:
                return wake(connection, customer_id, channel.name, real_now())

        def arrived(customer_id: str) -> None:
            if not stop.is_set():
                group.create_task(look(customer_id))

        channel.arrived = arrived
        await serve(settings, stop, Share((channel.name,), without=False), {channel.name: channel}, PLACES, "in_app")
