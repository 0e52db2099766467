"""A customer was told of a trouble: what happens to them from here on happens to somebody who knows."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class CustomerToldData(Payload, frozen=True):
    """About one issue; `object` is the issue's. Not `certain`: nobody can know whether the message was accepted."""

    issue_id: Key
    detector: Key
    object: Key
    channel: Key
    certain: bool = True


class CustomerTold(Event, frozen=True, tag="customer.told.v1"):
    """`subject` is the customer, `time` when the message left. Written by decide, once the ledger has it on record.

    The same message has the same id, however often it is written.
    """

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: CustomerToldData

    @classmethod
    def example(cls) -> Self:
        """A mail about a parcel that will be late."""
        data = CustomerToldData(
            issue_id="5f0c6dd4a1b44cf0a8e2a7f1a2b3c4d5", detector="late_delivery", object="A-17", channel="email"
        )
        return cls(
            id="told-0b6f2c1d", source="outreach", subject="c-1", time=datetime(2013, 2, 8, 9, tzinfo=UTC), data=data
        )
