"""What was learned across customers, in force from its place in the journal on (written by learn)."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Count, Finite, Key

MOST_BODY = 900_000
"""Characters of a body: with its escapes it has to fit in one record of the journal."""


class ModelUpdatedData(Payload, frozen=True):
    """`body` is the snapshot's JSON text in `layout`, `digest` the SHA-256 of its UTF-8 bytes, in hex.

    The body travels in the journal, so that detection needs nothing else: no fetch while it works or replays.
    `metrics` are those at that time; `shadowed`: new issues that rest on the model are not told until it recovers.
    """

    digest: Annotated[str, Meta(min_length=64, max_length=64)]
    layout: Key
    body: Annotated[str, Meta(max_length=MOST_BODY)]
    version: Count = 0
    examples: Count = 0
    metrics: Annotated[dict[Key, Finite], Meta(max_length=64)] = field(default_factory=dict)
    shadowed: bool = False


class ModelUpdated(Event, frozen=True, tag="model.updated.v1"):
    """`subject` is the model's name."""

    internal: ClassVar[bool] = True
    topic: ClassVar[str] = "journal.v1"
    data: ModelUpdatedData

    @classmethod
    def example(cls) -> Self:
        """A new set of coefficients."""
        body = '{"names":["days_late"],"parts":[],"mix":[],"calibration":[]}'
        digest = hashlib.sha256(body.encode()).hexdigest()
        data = ModelUpdatedData(digest=digest, layout="snapshot.v1", body=body, version=3, examples=6245)
        return cls(id="m-1", source="learn", subject="will_complain", time=datetime(2013, 1, 1, tzinfo=UTC), data=data)
