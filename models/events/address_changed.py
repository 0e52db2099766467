"""Where to reach a customer. The only event with contact data: own topic, never in the journal."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class AddressChangedData(Payload, frozen=True):
    """An empty `address` forgets the former one."""

    channel: Key
    address: Annotated[str, Meta(max_length=320)]
    name: Annotated[str, Meta(max_length=100)] = ""


class AddressChanged(Event, frozen=True, tag="address.changed.v1"):
    """The customer is reached there from `time` on."""

    topic: ClassVar[str] = "addresses.v1"
    data: AddressChangedData

    @classmethod
    def example(cls) -> Self:
        """An e-mail address."""
        data = AddressChangedData(channel="email", address="ada@example.org", name="Ada")
        return cls(id="a-1", source="shop", subject="c-1", time=datetime(2013, 1, 1, tzinfo=UTC), data=data)
