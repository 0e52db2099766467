"""Writes down what comes out of one journal partition, with its place in the journal."""

from collections.abc import Sequence
from datetime import datetime

from detectors.bounds import refusal
from detectors.entities import cases_of
from detectors.episodes import Turn
from detectors.examples import event_of
from detectors.knowledge import Knowledge
from detectors.outputs import DetectorFailure, Outputs, Refused
from detectors.readings import Case, Censor, Freeze, Label, Moment, Observation, Output, Reading
from models.canary import is_canary
from models.dead_letters import Reason
from models.events.case_observed import CaseObserved, CaseObservedData
from models.events.entity_observed import EntityObserved, EntityObservedData
from models.instants import instant
from models.issues import Evidence, Issue
from models.signals import Signal


class Recorder:
    """Writes down what comes out of one journal partition, with its place in the journal."""

    def __init__(self, partition: int, knowledge: Knowledge, *, keep_signals: bool) -> None:
        self.partition = partition
        self.offset = -1
        self.keep_signals = keep_signals
        self.moment = Moment(knowledge)
        self._knowledge = knowledge
        self._nth = 0
        self._out = Outputs()

    def begin(self, offset: int, customer_id: str, now: float, zone: str = "") -> None:
        """A new journal record; `now` is its time, or that of the clock it moved."""
        self.offset, self._nth = offset, 0
        moment = self.moment
        moment.customer, moment.now, moment.zone = customer_id, now, zone

    def turn_to(self, customer_id: str, now: float, zone: str) -> None:
        """The same record, another customer (a tick wakes many)."""
        moment = self.moment
        moment.customer, moment.now, moment.zone = customer_id, now, zone

    def take(self) -> Outputs:
        """Hand over everything written down, and begin anew."""
        taken, self._out = self._out, Outputs()
        taken.refused += self._knowledge.take_refused()
        return taken

    def fail(self, detector: str, error: Exception) -> None:
        """Note a detector's failure: the class of the error, never its text."""
        self._out.failures.append(DetectorFailure(detector, self.offset, type(error).__name__))

    def refuse_model(self, name: str, why: str) -> None:
        """Note a snapshot that cannot be used."""
        self._out.refused.append(Refused(name, self.offset, why, Reason.MODEL_REFUSED))

    def refuse_parameters(self, detector: str, error: Exception) -> None:
        """Note parameters that do not hold."""
        self._out.refused.append(Refused(detector, self.offset, refusal(error), Reason.PARAMETERS_REFUSED))

    def record(
        self, detector: str, said: list[Output], issues: list[Issue], seen: Sequence[Observation | Case]
    ) -> None:
        """Note what one answer of a detector amounts to."""
        if issues:
            self._out.issues += issues
        if self.keep_signals:
            self._out.signals += [self._signal(detector, one) for one in said if isinstance(one, Reading)]
        if seen:
            self._observe(seen)

    def _observe(self, seen: Sequence[Observation | Case]) -> None:
        """Of each entity one event with all that was seen of it, or what is said of it would be half of the truth."""
        at, nth, out = instant(self.moment.now), self._nth, self._out
        place = f"{self.partition}-{self.offset}-"
        entities: dict[str, list[Observation]] = {}
        for one in seen:
            if type(one) is Observation:
                entities.setdefault(one.entity, []).append(one)
            elif type(one) is Case and not is_canary(self.moment.customer):
                out.cases.append(_case(f"{place}{nth}", one, at))
                nth += 1
        for entity, found in entities.items():
            for data in _together(found):
                event_id, nth = f"{place}{nth}", nth + 1
                out.observations.append(
                    EntityObserved(id=event_id, source="detect", subject=entity, time=at, data=data)
                )
        self._nth = nth

    def teach(self, learned: Sequence[Freeze | Label | Censor]) -> None:
        """Note what is to be learned from, each with an id from its place in the journal."""
        at = instant(self.moment.now)
        for one in learned:
            self._out.examples.append(event_of(one, f"{self.partition}-{self.offset}-{self._nth}", at))
            self._nth += 1

    def issue(self, detector: str, reading: Reading, turned: Turn, evidence: Evidence) -> Issue:
        """One change of an episode, for the rest of the house."""
        return Issue(
            issue_id=turned.told.issue_id.hex(),
            change=turned.change,
            customer_id=self.moment.customer,
            detector=detector,
            object=reading.object,
            at=instant(self.moment.now),
            opened_at=instant(turned.told.opened_at),
            horizon=None if reading.horizon is None else instant(reading.horizon),
            score=reading.score,
            probability=reading.probability,
            severity=reading.severity,
            evidence=evidence,
            shadowed=reading.shadowed,
            journal_partition=self.partition,
            journal_offset=self.offset,
        )

    def _signal(self, detector: str, reading: Reading) -> Signal:
        return Signal(
            detector=detector,
            customer_id=self.moment.customer,
            object=reading.object,
            look=reading.look,
            at=instant(self.moment.now),
            score=reading.score,
            probability=reading.probability,
            severity=reading.severity,
            horizon=None if reading.horizon is None else instant(reading.horizon),
            warm=reading.warm,
            over=reading.over,
            features=reading.factors(),
            journal_partition=self.partition,
            journal_offset=self.offset,
        )


def _together(found: list[Observation]) -> list[EntityObservedData]:
    """One, but where a measure was seen twice."""
    told: list[dict[str, float]] = []
    for one in found:
        if not told or one.measure in told[-1]:
            told.append({})
        told[-1][one.measure] = one.value
    firsts = [(one, next(iter(one))) for one in told]
    return [EntityObservedData(measure=first, value=one.pop(first), also=one) for one, first in firsts]


def _case(event_id: str, case: Case, at: datetime) -> CaseObserved:
    data = CaseObservedData(look=case.look, bad=case.bad, first=case.first, entities=case.entities)
    return CaseObserved(id=event_id, source="detect", subject=cases_of(case.family), time=at, data=data)
