"""A customer's trouble, as detection tells it to the rest of the house."""

from collections.abc import Callable
from typing import Literal

import msgspec

from models.fields import Instant

Change = Literal["opened", "updated", "resolved"]
Severity = Literal["low", "medium", "high"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why: enough to write one sentence to the customer and one to an agent."""

    since: Instant
    expected: str
    actual: str
    factors: dict[str, float] = {}
    """What moved the score, by name, in the unit of the score's logit."""
    facts: dict[str, str] = {}
    """What a template may show, as plain text: never markup, never contact data."""


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one episode. `issue_id` is the episode's key for ever.

    `journal_partition` and `journal_offset` say where in the journal this became known.
    """

    issue_id: str
    change: Change
    customer_id: str
    detector: str
    object: str
    """What the trouble is about, such as an order id."""
    at: Instant
    opened_at: Instant
    horizon: Instant | None
    """When the customer would feel it at the latest; None when it is being felt."""
    score: float
    probability: float
    severity: Severity
    evidence: Evidence
    journal_partition: int
    journal_offset: int
    shadowed: bool = False
    """What says so has drifted: recorded, never told."""

    @property
    def stage(self) -> str:
        """How far the trouble has come, in its detector's own word; empty when it has none."""
        return self.evidence.facts.get("stage", "")

    @property
    def cause(self) -> str:
        """The id of the open cause that the customer's trouble is one case of; empty when there is none."""
        return self.evidence.facts.get("cause_id", "")


_DECODER = msgspec.json.Decoder(Issue)


encode_issue: Callable[[Issue], bytes] = msgspec.json.Encoder().encode
"""JSON bytes for `issues.v1`."""


def decode_issue(raw: bytes) -> Issue:
    """Read a record of `issues.v1`. Raises `msgspec.DecodeError` when it is not one."""
    return _DECODER.decode(raw)
