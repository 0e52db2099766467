"""What a pipeline hands over at a checkpoint."""

import msgspec

from models.dead_letters import Reason
from models.events.case_observed import CaseObserved
from models.events.entity_observed import EntityObserved
from models.events.example_censored import ExampleCensored
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.issues import Issue
from models.signals import Signal


class DetectorFailure(msgspec.Struct, frozen=True):
    """A detector raised on the record at `offset`. Nothing of that reading was kept; the others went on."""

    detector: str
    offset: int
    error_class: str


class Refused(msgspec.Struct, frozen=True):
    """What is not in force, and why: a snapshot, parameters (the former ones stay), or a word on an entity.

    `said`: that word, which may have been read long after its record.
    """

    name: str
    offset: int
    why: str
    reason: Reason
    said: bytes | None = None


class Outputs(msgspec.Struct):
    """Everything since the last drain, each list in journal order. A state of `None` is forgotten."""

    issues: list[Issue] = []
    observations: list[EntityObserved] = []
    examples: list[ExampleFrozen | ExampleLabelled | ExampleCensored] = []
    cases: list[CaseObserved] = []
    failures: list[DetectorFailure] = []
    refused: list[Refused] = []
    states: list[tuple[bytes, bytes | None]] = []
    signals: list[Signal] = []
