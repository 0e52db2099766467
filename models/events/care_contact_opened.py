"""A customer turned to support: from here on a person talks to them."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Key


class CareContactOpenedData(Payload, frozen=True):
    """`order_id` is empty when the contact is about nothing in particular. `entities`: as in an order."""

    contact_id: Key
    via: Key = "phone"
    order_id: str = ""
    entities: Annotated[dict[Key, Key], Meta(max_length=12)] = field(default_factory=dict)


class CareContactOpened(Event, frozen=True, tag="care.opened.v1"):
    """Their contact to us; never one of ours to them."""

    topic: ClassVar[str] = "care.v1"
    data: CareContactOpenedData

    @classmethod
    def example(cls) -> Self:
        """A call about an order."""
        data = CareContactOpenedData(contact_id="t-9", order_id="A-17")
        return cls(id="t-9-o", source="desk", subject="c-1", time=datetime(2013, 2, 8, 9, 30, tzinfo=UTC), data=data)
