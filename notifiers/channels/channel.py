"""What every channel can do, and what it must say about its failures."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict

from models.notifications import Message, Receipt


class ChannelConfig(BaseModel):
    """Settings of a channel. Errors never show the values given."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Outside(msgspec.Struct, frozen=True):
    """What a channel may not read by itself. `real_now`: the machine's UTC time; `random_id`: 128 bits in hex."""

    real_now: Callable[[], datetime]
    random_id: Callable[[], str]


class Channel(ABC):
    """A way to reach customers, made from its `Config` and `Outside`.

    `open` before the first `send`, `close` after the last; `send` may run concurrently.
    """

    name: ClassVar[str]
    idempotency_window: ClassVar[timedelta]
    """How long the provider recognises a repeated outreach id. Zero: never; an unclear send must not be repeated."""

    reaches: ClassVar[bool] = True
    """False: nobody hears of what it takes."""

    Config: ClassVar[type[ChannelConfig]]

    async def open(self) -> None:
        """Get ready. Does not fail because the provider is away: sends do."""
        return

    async def reach(self) -> None:
        """See whether the provider would take a message, and send none. Raises `TemporaryFailure` when it would not."""
        return

    async def close(self) -> None:
        """Let go of connections. Waits a few seconds at most."""
        return

    @abstractmethod
    async def send(self, message: Message, at: datetime) -> Receipt:
        """Hand one message to the provider; `at` (aware) is the business time that the customer sees as its date.

        Returns when the provider took it. Raises `PermanentFailure` when it surely never will, `TemporaryFailure`
        when it surely did not this time, `UnclearFailure` when nobody can say. No other exception but cancellation;
        a send cancelled under way is unclear.
        """
