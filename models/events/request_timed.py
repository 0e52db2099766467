"""How long a customer waited for an answer: one page, one action."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key

LONGEST_S = 3600.0


class RequestTimedData(Payload, frozen=True):
    """`duration_s` is what the customer waited (OpenTelemetry: `http.client.request.duration`, seconds).

    `operation` is a route or an action of few (`GET /basket`), never a whole address.
    """

    operation: Key
    duration_s: Annotated[float, Meta(ge=0.0, le=LONGEST_S)]


class RequestTimed(Event, frozen=True, tag="request.timed.v1"):
    """The answer was there at `time`."""

    topic: ClassVar[str] = "telemetry.v1"
    data: RequestTimedData

    @classmethod
    def example(cls) -> Self:
        """A basket that took its time."""
        data = RequestTimedData(operation="GET /basket", duration_s=6.2)
        return cls(id="rq-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 1, tzinfo=UTC), data=data)
