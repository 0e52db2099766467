"""What a customer lets us do, and where on earth they are."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Key

EVERY_CHANNEL = "*"
"""In place of a channel's name: all of them, also those that come later."""


class ProfileChangedData(Payload, frozen=True):
    """Members that are empty stay as they were. `consent` is by channel, `*` speaks for all: `{"*": false}`.

    For a channel the newest word about it or about all counts, by place in the journal. So a no to all closes
    everything said before it, a later yes to one channel opens that one alone, a later yes to all opens all. Within one
    event a no wins over a yes: `{"*": false, "email": true}` closes all, `{"*": true, "email": false}` all but e-mail.
    """

    zone: Annotated[str, Meta(max_length=64)] = ""
    locale: Annotated[str, Meta(max_length=35)] = ""
    consent: Annotated[dict[Key, bool], Meta(max_length=12)] = field(default_factory=dict)


class ProfileChanged(Event, frozen=True, tag="profile.changed.v1"):
    """In force from its place in the journal on, not from its time."""

    topic: ClassVar[str] = "care.v1"
    data: ProfileChangedData

    @classmethod
    def example(cls) -> Self:
        """A yes to e-mail from New York."""
        data = ProfileChangedData(zone="America/New_York", locale="en-US", consent={"email": True})
        return cls(id="pr-1", source="shop", subject="c-1", time=datetime(2013, 1, 1, tzinfo=UTC), data=data)
