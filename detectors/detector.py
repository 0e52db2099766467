"""The contract of a detector: one trouble, one file, no memory of its own."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic, Self, TypeVar

import msgspec

from detectors.learning.lesson import Lesson
from detectors.readings import Alarm, Moment, Output, Reading
from models.events.base import Event
from models.fields import Share
from models.issues import Evidence


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every detector lets an operator set. Probabilities between 0 and 1.

    An episode opens at `open_at`, ends below `close_at`, and is told again when it moved by `update_step`.
    """

    open_at: Share = 0.5
    close_at: Share = 0.25
    update_step: Share = 0.2

    def __post_init__(self) -> None:
        if self.close_at > self.open_at:
            raise ValueError("close_at must not be above open_at")


class State(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What a detector remembers of one customer: numbers and short texts, at most a few hundred bytes."""


P = TypeVar("P", bound=Params)
S = TypeVar("S", bound=State)


class Detector(ABC, Generic[P, S]):
    """Tells the likely trouble of a customer from the customer's own events, from time, and from shared knowledge.

    It is pure: everything it remembers lies in `state`, which the pipeline keeps per customer and takes back when the
    detector raises. It never raises on a valid event on purpose. `floor` says, in what the customer feels, below
    what it stays silent; `warm_up` says what it has to have seen before it speaks.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    """Of the state's layout: states of another version are left behind."""
    listens_to: ClassVar[tuple[type[Event], ...]]
    begins_with: ClassVar[tuple[type[Event], ...]] = ()
    """Only these make it remember or say anything of a customer it knows nothing of; others are then not shown to it.
    Empty: any may."""
    clock: ClassVar[tuple[str, ...]]
    """Source topics whose slowest partition is this detector's time."""
    params_type: ClassVar[type[Params]]
    state_type: ClassVar[type[State]]
    learns: ClassVar[tuple[Lesson, ...]] = ()
    """The models that are learned from what it freezes and labels."""
    floor: ClassVar[str]
    warm_up: ClassVar[str]

    def __init__(self, params: P) -> None:
        self.params = params
        self.prepare()

    def prepare(self) -> None:
        """Derive what the parameters imply, once per set of parameters."""
        return

    def with_params(self, params: P) -> Self:
        """The same detector under other parameters; this one stays as it is."""
        other = copy.copy(self)
        other.params = params
        other.prepare()
        return other

    @abstractmethod
    def observe(self, state: S, event: Event, moment: Moment) -> Iterable[Output]:
        """Take in one of the customer's events."""

    def due(self, state: S, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002 - for those with alarms
        """Answer an alarm. `moment.now` may be later than `alarm.at`; new alarms must be later than `alarm.at`."""
        return ()

    @abstractmethod
    def evidence(self, state: S, reading: Reading, moment: Moment) -> Evidence:
        """Put a reading in words. Asked only when an issue is told, right after the reading, on the same state."""

    @classmethod
    @abstractmethod
    def story_of_trouble(cls) -> list[Event]:
        """Events in journal order, with ticks, that must end in an issue at the shipped parameters."""

    @classmethod
    @abstractmethod
    def story_of_calm(cls) -> list[Event]:
        """Events that look like trouble and are none."""

    @classmethod
    @abstractmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """The same trouble, worse from story to story: the last reading of each never scores lower than that before."""


class Watcher(Detector[P, S]):
    """Tells of cases only, never of an issue: it has no trouble of its own, and no stories."""

    floor = warm_up = "none: it opens no issues"

    def evidence(self, state: S, reading: Reading, moment: Moment) -> Evidence:
        """Never asked. Raises `NotImplementedError`."""
        raise NotImplementedError(f"{self.name} watches, and has no readings")

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """None."""
        return []

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """None."""
        return []

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """None."""
        return []
