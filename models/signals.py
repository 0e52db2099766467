"""A detector's reading of one customer's object at one instant, whether or not it became an issue."""

import msgspec

from models.fields import Instant
from models.issues import Severity


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """What the pipeline keeps when asked to: for evaluation, fitting and explaining.

    `look` names the occasion, such as `3h` (three hours before the first planned step) or `waiting`.
    `score` is in logits, `probability` is the detector's own calibrated P(trouble). `features` are the raw values
    by name that the score was made from. A signal that is not `warm` opens no issue.
    """

    detector: str
    customer_id: str
    object: str
    look: str
    at: Instant
    score: float
    probability: float
    severity: Severity
    horizon: Instant | None
    warm: bool
    over: bool
    features: dict[str, float]
    journal_partition: int
    journal_offset: int
