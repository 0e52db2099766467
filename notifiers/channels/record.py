"""Tells nobody: the notification stays in the ledger. For a dry run with everything else real."""

from datetime import datetime, timedelta
from typing import ClassVar

from models.notifications import Message, Receipt
from notifiers.channels.channel import Channel, ChannelConfig, Outside


class RecordConfig(ChannelConfig):
    """Nothing to set."""


class RecordChannel(Channel):
    """Takes every message and does nothing with it, so repeating is harmless for ever."""

    name: ClassVar[str] = "record"
    idempotency_window: ClassVar[timedelta] = timedelta(days=36_500)
    reaches: ClassVar[bool] = False
    Config: ClassVar[type[ChannelConfig]] = RecordConfig

    def __init__(self, config: RecordConfig | None = None, _outside: Outside | None = None) -> None:
        self.config = config or RecordConfig()

    async def send(self, message: Message, at: datetime) -> Receipt:
        """Always taken; `at` must be aware, as on every channel."""
        if at.tzinfo is None:
            raise ValueError("the date of a message needs a zone")
        return Receipt(provider_id=message.outreach_id, detail="recorded")
