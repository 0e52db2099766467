"""What Faust decodes: nothing. A batch of raw records goes to the step, which decodes all of it at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import faust
from faust.types import AppT, EventT, Message


class RawBatch(faust.Schema[Any, Any]):
    """Hands the records of a batch message on as they are.

    A value that cannot be decoded must not be Faust's business: it would count it as read and drop it.
    """

    def compile(self, app: AppT, **_: Any) -> Callable[..., Awaitable[EventT[Any]]]:
        """The decoder of a topic: message in, event out."""
        create_event = app.create_event

        async def decode(message: Message, *, propagate: bool = False) -> EventT[Any]:  # noqa: ARG001 - Faust's call
            return create_event(None, message.value, None, message)

        return decode
