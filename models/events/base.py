"""What every event has: the CloudEvents 1.0 attributes that this service uses."""

from typing import ClassVar, Literal, Self

import msgspec

from models.fields import Instant, Key


class Payload(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The `data` of an event. Unknown members are ignored (a newer producer may send more)."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """One CloudEvent (CloudEvents 1.0, section 3). `type` is the tag of the subclass.

    `subject` is the customer id, or the entity id for events about an entity.
    """

    internal: ClassVar[bool] = False
    """True for what only this service writes; ingest refuses it from outside."""

    topic: ClassVar[str] = "telemetry.v1"
    """The source topic that our own producers send it to."""

    specversion: Literal["1.0"] = "1.0"
    id: Key
    source: Key
    subject: Key
    time: Instant

    @classmethod
    def example(cls) -> Self:
        """A valid event of this type, for documentation, contracts and tests."""
        raise NotImplementedError(f"{cls.__name__} has no example")

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents `type`, such as `order.placed.v1`."""
        return str(cls.__struct_config__.tag)
