"""We called a customer back, as was promised."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class CallbackMadeData(Payload, frozen=True):
    """A call that nobody took keeps the promise, too: the customer sees that we called. `reached` tells which."""

    callback_id: Key
    reached: bool = True


class CallbackMade(Event, frozen=True, tag="callback.made.v1"):
    """The call was made at `time`; later than promised is still made."""

    topic: ClassVar[str] = "care.v1"
    data: CallbackMadeData

    @classmethod
    def example(cls) -> Self:
        """An hour before it was due."""
        data = CallbackMadeData(callback_id="cb-3")
        return cls(id="cb-3-m", source="desk", subject="c-1", time=datetime(2013, 2, 8, 17, tzinfo=UTC), data=data)
