"""Somebody who knows said what an issue was worth: an agent who spoke to the customer, a scientist who looked."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key

Verdict = Literal["right", "wrong", "known", "trend"]
"""`right`: trouble, and the message was due. `wrong`: no trouble. `known`: trouble, but the customer knew it already.
`trend`: nothing of this customer's own, but something that many share."""


class VerdictGivenData(Payload, frozen=True):
    """About one issue; `object` is the issue's. `by` names who says so, no customer."""

    issue_id: Key
    detector: Key
    object: Key
    verdict: Verdict
    by: Annotated[str, Meta(max_length=64)] = ""


class VerdictGiven(Event, frozen=True, tag="verdict.given.v1"):
    """`subject` is the issue's customer."""

    topic: ClassVar[str] = "care.v1"
    data: VerdictGivenData

    @classmethod
    def example(cls) -> Self:
        """The parcel had come in time after all."""
        data = VerdictGivenData(
            issue_id="5f0c6dd4a1b44cf0a8e2a7f1a2b3c4d5",
            detector="late_delivery",
            object="A-17",
            verdict="wrong",
            by="ana",
        )
        return cls(id="vd-1", source="desk", subject="c-1", time=datetime(2013, 2, 9, 9, tzinfo=UTC), data=data)
