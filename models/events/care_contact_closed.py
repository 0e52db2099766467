"""Support is done with a customer's contact."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class CareContactClosedData(Payload, frozen=True):
    """Which contact ended."""

    contact_id: Key


class CareContactClosed(Event, frozen=True, tag="care.closed.v1"):
    """The contact ended at `time`."""

    topic: ClassVar[str] = "care.v1"
    data: CareContactClosedData

    @classmethod
    def example(cls) -> Self:
        """The end of a call."""
        data = CareContactClosedData(contact_id="t-9")
        return cls(id="t-9-c", source="desk", subject="c-1", time=datetime(2013, 2, 8, 9, 45, tzinfo=UTC), data=data)
