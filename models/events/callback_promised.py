"""A customer was told that we call them back, and by when."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Instant, Key


class CallbackPromisedData(Payload, frozen=True):
    """Said again with the same `callback_id`, the newer promise counts. `contact_id`: the care contact it came from."""

    callback_id: Key
    promised_by: Instant
    contact_id: Annotated[str, Meta(max_length=128)] = ""


class CallbackPromised(Event, frozen=True, tag="callback.promised.v1"):
    """The promise stands from `time` on; `promised_by` is the last moment that keeps it."""

    topic: ClassVar[str] = "care.v1"
    data: CallbackPromisedData

    @classmethod
    def example(cls) -> Self:
        """A call until the evening."""
        data = CallbackPromisedData(
            callback_id="cb-3", promised_by=datetime(2013, 2, 8, 18, tzinfo=UTC), contact_id="t-9"
        )
        return cls(id="cb-3-p", source="desk", subject="c-1", time=datetime(2013, 2, 8, 9, 45, tzinfo=UTC), data=data)
