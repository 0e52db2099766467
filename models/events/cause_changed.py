"""Many customers, one cause: it opened, changed or closed. Knowledge that comes back through the journal."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Count, Finite, Instant, Key

CauseChange = Literal["opened", "changed", "closed"]


class CauseChangedData(Payload, frozen=True):
    """`entities` is what the cases share, the narrowest that explains them; empty: all of the family.

    `look` is the occasion that tells most: `step` (the hand-over), `way2` (so far on the way), `due`
    (a step taken or missed), `soon` (shortly before the promise). `rate` and
    `expected` are the shares of its cases that went badly, or, where only bad ones are seen, cases per hour.
    `stands_until`: without another word by then it is over; `cases`: customers that were gathered since it opened.
    """

    change: CauseChange
    family: Key
    rate: Finite
    expected: Finite
    since: Instant
    opened_at: Instant
    stands_until: Instant
    cases: Count
    look: Annotated[str, Meta(max_length=128)] = ""
    entities: Annotated[dict[Key, Key], Meta(max_length=4)] = field(default_factory=dict)


class CauseChanged(Event, frozen=True, tag="cause.changed.v1"):
    """`subject` is the cause's id, the same for all its changes. Written by context to every journal partition."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: CauseChangedData

    @classmethod
    def example(cls) -> Self:
        """Half of the departures from Newark are late."""
        at = datetime(2013, 2, 8, 15, tzinfo=UTC)
        data = CauseChangedData(
            change="opened", family="orders_hours", entities={"airport": "EWR"}, rate=0.5, expected=0.1, look="due",
            since=at, opened_at=at,
            stands_until=at + timedelta(hours=2), cases=9,
        )  # fmt: skip
        return cls(id="cc-1", source="context", subject="cause:8f14e45fceea167a", time=at, data=data)
