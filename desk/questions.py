"""What is asked of a detector: rows with a fixed instant, and what was true. Detection never sees any of it."""

from datetime import datetime

import msgspec

from detectors.detector import Detector
from models.events.base import Event


class Ask(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row: what does the detector say of `object` at `at`? Readings up to that instant count.

    An empty `object` asks about the customer as a whole: whatever is said of anything of theirs counts.
    `rule` is what the best simple rule says (higher is worse). `silent`: the row counts, and its score is 0 whatever is
    said (the customer spoke before any decision was possible). `segment` is where it belongs, by name.
    """

    object: str
    customer_id: str
    at: datetime
    trouble: bool
    rule: float | None = None
    silent: bool = False
    segment: dict[str, str] = {}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one kind. `usual` is the share of trouble known before the first row: what the null says of each.

    It is put to the detector of that name, or to every one that listens to `about`.
    """

    name: str
    title: str
    asks: list[Ask]
    usual: float
    detector: str = ""
    about: type[Event] | None = None
    rule_name: str = ""
    note: str = ""

    def suits(self, detector: type[Detector[object, object]] | Detector[object, object]) -> bool:  # type: ignore[type-var]
        """Whether this detector can be asked."""
        return detector.name == self.detector or (self.about is not None and self.about in detector.listens_to)
