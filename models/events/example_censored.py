"""What comes of an object from here on says nothing of what would have come of it: its customer knows (by detect)."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class ExampleCensoredData(Payload, frozen=True):
    """`about` is what the customer was told of: all examples about it are meant, frozen before or after."""

    about: Key


class ExampleCensored(Event, frozen=True, tag="example.censored.v1"):
    """`subject` is the model's name, `time` when the customer was told. A label of an earlier time still counts."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "examples.v1"
    data: ExampleCensoredData

    @classmethod
    def example(cls) -> Self:
        """The customer was told that the order would be late."""
        data = ExampleCensoredData(about="o-1")
        return cls(
            id="0-42-0", source="detect", subject="will_complain", time=datetime(2013, 1, 6, tzinfo=UTC), data=data
        )
