"""New parameters of a detector, in force from their place in the journal on."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class ParametersUpdatedData(Payload, frozen=True):
    """`parameters` is the JSON text of the detector's `Params`; members left out take their defaults."""

    detector: Key
    parameters: Annotated[str, Meta(max_length=16_384)]


class ParametersUpdated(Event, frozen=True, tag="parameters.updated.v1"):
    """Written by an operator's command to every journal partition."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: ParametersUpdatedData

    @classmethod
    def example(cls) -> Self:
        """A higher bar for late deliveries."""
        data = ParametersUpdatedData(detector="late_delivery", parameters='{"open_at": 0.5}')
        return cls(
            id="pa-1", source="operator", subject="late_delivery", time=datetime(2013, 2, 8, tzinfo=UTC), data=data
        )
