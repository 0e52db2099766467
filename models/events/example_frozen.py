"""What was known when something was decided, kept for learning until its truth is out (written by detect)."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Count, Finite, Instant, Key, Share


class ExampleFrozenData(Payload, frozen=True):
    """`values` in the order of the model's names, 0 at the places in `unknown`. See `detectors.readings.Freeze`."""

    object: Key
    values: Annotated[list[Finite], Meta(max_length=512)]
    ripe_at: Instant
    expires_at: Instant
    unknown: Annotated[list[Count], Meta(max_length=512)] = field(default_factory=list)
    tokens: Annotated[list[Key], Meta(max_length=2048)] = field(default_factory=list)
    probability: Share | None = None
    about: Annotated[str, Meta(max_length=128)] = ""


class ExampleFrozen(Event, frozen=True, tag="example.frozen.v1"):
    """`subject` is the model's name."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "examples.v1"
    data: ExampleFrozenData

    @classmethod
    def example(cls) -> Self:
        """An order when it was delivered a day early."""
        data = ExampleFrozenData(
            object="o-1",
            values=[-1.0, 2.0, 0.0],
            unknown=[2],
            ripe_at=datetime(2013, 1, 5, tzinfo=UTC),
            expires_at=datetime(2013, 3, 5, tzinfo=UTC),
            tokens=["seller=4a3c"],
            probability=0.1,
        )
        return cls(
            id="0-17-0", source="detect", subject="will_complain", time=datetime(2013, 1, 4, tzinfo=UTC), data=data
        )
