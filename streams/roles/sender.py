"""sender: what waits in the outbox goes to the channels, but for those that have a role of their own."""

import asyncio

from ledger.outbox import Share
from streams.channels import channels_of
from streams.serving import APART, serve
from streams.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Send until `stop`, then let calls under way end. Raises `OperatorError` (`GiveUp`: exit code 70)."""
    apart = APART if settings.in_app_keys else ()  # with nobody else to take them, they still come to an end here
    channels = {name: channel for name, channel in channels_of(settings).items() if name not in apart}
    await serve(settings, stop, Share(apart, without=True), channels, settings.senders, "sender")
