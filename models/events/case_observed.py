"""One case among many: how one customer's order, payment or call went, so that cases can be compared (by detect)."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Key, Share


class CaseObservedData(Payload, frozen=True):
    """`bad`: how badly it went, 0 to 1, at the occasion `look`; `entities` is what it shares with others, by kind.

    `first`: this object was not counted as bad before, so that a customer is counted once.
    """

    look: Key
    bad: Share
    first: bool = False
    entities: Annotated[dict[Key, Key], Meta(max_length=12)] = field(default_factory=dict)


class CaseObserved(Event, frozen=True, tag="case.observed.v1"):
    """`subject` is `cases:family`: one family lies in one partition, where all its cases can be compared.

    No customer is named.
    """

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "observations.v1"
    data: CaseObservedData

    @classmethod
    def example(cls) -> Self:
        """A departure from Newark that was late."""
        data = CaseObservedData(look="late", bad=1.0, first=True, entities={"airport": "EWR", "carrier": "UA"})
        return cls(
            id="0-17-0", source="detect", subject="cases:orders_hours", time=datetime(2013, 2, 8, 15, tzinfo=UTC),
            data=data,
        )  # fmt: skip
