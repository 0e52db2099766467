"""A detector under other parameters begins, or ends, to run beside the one that speaks."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class ChallengerChangedData(Payload, frozen=True):
    """`parameters` is the JSON text of the detector's `Params`; members left out are as shipped."""

    change: Literal["added", "dropped"]
    detector: Key
    parameters: Annotated[str, Meta(max_length=16_384)] = "{}"


class ChallengerChanged(Event, frozen=True, tag="challenger.changed.v1"):
    """`subject` is the challenger's name. Written by an operator's command to every journal partition."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: ChallengerChangedData

    @classmethod
    def example(cls) -> Self:
        """A lower bar for late deliveries, tried out."""
        data = ChallengerChangedData(change="added", detector="late_delivery", parameters='{"open_at": 0.3}')
        return cls(id="ch-1", source="operator", subject="braver", time=datetime(2013, 2, 8, tzinfo=UTC), data=data)
