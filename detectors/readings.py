"""What a detector may say, and what it is told beside the event.

Times are seconds since 1970 UTC (`float`): the pipeline handles millions of them. Only what leaves the house
(issues, signals, observations) carries `datetime`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from detectors.knowledge import Knowledge
from models.issues import Severity


class Factors(Protocol):
    """Features by name: a dict, or what can be read like one."""

    def items(self) -> Iterable[tuple[str, float]]:
        """Name and value of each."""


class Named(NamedTuple):
    """Values with their names beside them, NaN where unknown: for dozens of them, which are hardly ever asked for."""

    names: Sequence[str]
    values: Sequence[float]

    def items(self) -> Iterator[tuple[str, float]]:
        """Those that are known."""
        return (pair for pair in zip(self.names, self.values, strict=True) if pair[1] == pair[1])


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How likely one object of the customer is in trouble, now.

    `stage` is the kind of trouble in the detector's own words; a change of it is material, like one of `severity`.
    `over` ends the episode whatever the probability. Not `warm`: too little is known to speak of it.
    """

    object: str
    look: str
    score: float
    probability: float
    severity: Severity = "medium"
    horizon: float | None = None
    stage: str = ""
    warm: bool = True
    over: bool = False
    shadowed: bool = False
    """It rests on a model that has drifted (`Learned.shadowed`): an issue that opens with it is not told."""
    features: tuple[Factors, ...] = ()
    """In parts, which are put together only when somebody asks: most readings are never told."""

    def factors(self) -> dict[str, float]:
        """All features by name."""
        return {name: value for part in self.features for name, value in part.items()}


class Alarm(msgspec.Struct, frozen=True, gc=False):
    """Wake me for `object` when my clock has reached `at`. One per object: a later one replaces it."""

    object: str
    at: float


class Cancel(msgspec.Struct, frozen=True, gc=False):
    """No alarm for `object` any more."""

    object: str


class Observation(msgspec.Struct, frozen=True, gc=False):
    """Something seen at this customer that says something about an entity that others share."""

    entity: str
    measure: str
    value: float


class Freeze(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of `object` at this instant, for `model` to learn from once the truth of it is out.

    `values` are in the order of the model's names, NaN where unknown; `tokens` are categories and words, such as
    `seller=4a3c`. From `ripe_at` on every label of its cohort could have arrived (good news may come before bad): it
    counts from then on. Without a label by `expires_at` it teaches nothing. `probability` is what was said of it.
    A later one of the same object is ignored while the first one waits. `about` is the object of the trouble that the
    customer would be told of, empty when it is `object`.
    """

    model: str
    object: str
    values: tuple[float, ...]
    tokens: tuple[str, ...] = ()
    ripe_at: float
    expires_at: float
    probability: float | None = None
    about: str = ""


class Label(msgspec.Struct, frozen=True, gc=False):
    """What came of `object`: 1 for trouble, 0 for none. One that nothing was frozen of is no mistake."""

    model: str
    object: str
    value: float


class Censor(msgspec.Struct, frozen=True, gc=False):
    """What comes of anything about `about` teaches `model` nothing from now on. No detector says so."""

    model: str
    about: str


class Case(msgspec.Struct, frozen=True, gc=False):
    """How one object of the customer went, to be compared with others of its family: see `detectors.causes`.

    `bad` is 0 to 1 at the occasion `look`; `first`: the object was not counted as bad before.
    """

    family: str
    look: str
    bad: float
    entities: dict[str, str]
    first: bool = False


Output = Reading | Alarm | Cancel | Observation | Freeze | Label | Case


class Moment:
    """When, for whom, and what is known of the entities. Reused: a detector must not keep it.

    `now` is the event's own time, or, for an alarm, how far the detector's clock has come. `zone` is the customer's, by
    their newest profile; empty when it is not known (see `detectors.season`).
    """

    __slots__ = ("customer", "knowledge", "now", "zone")

    def __init__(self, knowledge: Knowledge, now: float = 0.0, customer: str = "", zone: str = "") -> None:
        self.knowledge = knowledge
        self.now = now
        self.customer = customer
        self.zone = zone
