"""sender: what waits in the outbox goes to the channels, but for those that have a role of their own."""

import asyncio

from ledger.outbox import Share
from streams.channels import channels_of
from streams.serving import APART, serve
from streams.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Send until `stop`, then let calls under way end. Raises `OperatorError` (`GiveUp`: exit code 70)."""
    channels = {name: channel for name, channel in channels_of(settings).items() if name not in APART}
    await serve(settings, stop, Share(APART, without=True), channels, settings.senders)
