"""What came of something that was decided earlier (written by detect)."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key, Share


class ExampleLabelledData(Payload, frozen=True):
    """`value`: 1 for trouble, 0 for none."""

    object: Key
    value: Share


class ExampleLabelled(Event, frozen=True, tag="example.labelled.v1"):
    """`subject` is the model's name."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "examples.v1"
    data: ExampleLabelledData

    @classmethod
    def example(cls) -> Self:
        """The customer gave one star."""
        data = ExampleLabelledData(object="o-1", value=1.0)
        return cls(
            id="0-99-0", source="detect", subject="will_complain", time=datetime(2013, 1, 9, tzinfo=UTC), data=data
        )
