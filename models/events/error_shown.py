"""A customer was shown an error: a page that failed, an action that did not work."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class ErrorShownData(Payload, frozen=True):
    """`code` is the shop's or HTTP's own (`502`), `page` where it happened, without what the customer typed."""

    code: Key
    page: Annotated[str, Meta(max_length=128)] = ""


class ErrorShown(Event, frozen=True, tag="error.shown.v1"):
    """The customer saw it at `time`; errors that nobody sees are no event of this type."""

    topic: ClassVar[str] = "telemetry.v1"
    data: ErrorShownData

    @classmethod
    def example(cls) -> Self:
        """The basket could not be shown."""
        data = ErrorShownData(code="502", page="basket")
        return cls(id="er-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 1, tzinfo=UTC), data=data)
