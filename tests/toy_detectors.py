"""Small detectors and event makers that tests of the pipeline set up by hand."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.detector import Detector, Params, State
from detectors.pipeline import Pipeline
from detectors.readings import Alarm, Cancel, Moment, Observation, Output, Reading
from models.events.base import Event
from models.events.care_contact_closed import CareContactClosed, CareContactClosedData
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.parameters_updated import ParametersUpdated, ParametersUpdatedData
from models.events.tick import Tick, TickData
from models.issues import Evidence

START = datetime(2013, 2, 8, tzinfo=UTC)


class CallParams(Params, frozen=True):
    weight: float = 0.3
    wait_s: float = 600.0


class CallState(State):
    calls: dict[str, int] = {}


class ManyCalls(Detector[CallParams, CallState]):
    """Each call about a thing makes it worse; a closed one ends it; `via` drives the special cases."""

    name = "many_calls"
    listens_to = (CareContactOpened, CareContactClosed)
    clock = ("care.v1",)
    params_type = CallParams
    state_type = CallState
    floor = "two calls"
    warm_up = "none"

    def observe(self, state: CallState, event: Event, moment: Moment) -> Iterable[Output]:
        if isinstance(event, CareContactClosed):
            state.calls.pop(event.data.contact_id, None)
            yield Reading(object=event.data.contact_id, look="closed", score=-9.0, probability=0.0, over=True)
            yield Cancel(event.data.contact_id)
            return
        assert isinstance(event, CareContactOpened)
        thing, via = event.data.contact_id, event.data.via
        state.calls[thing] = state.calls.get(thing, 0) + 1
        if via == "raises-first":
            raise RuntimeError("not today")
        yield Observation("line:main", "called", 1.0)
        yield self.reading(state, thing, warm=via != "cold", look=via)
        yield Alarm(thing, moment.now + self.params.wait_s)
        if via == "raises-last":
            raise KeyError(thing)

    def due(self, state: CallState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        state.calls[alarm.object] = state.calls.get(alarm.object, 0) + 1
        yield self.reading(state, alarm.object, look="still open")
        if alarm.object.startswith("loops"):
            yield Alarm(alarm.object, alarm.at)
        if alarm.object.startswith("cancels "):
            yield Cancel(alarm.object.removeprefix("cancels "))

    def reading(self, state: CallState, thing: str, *, look: str, warm: bool = True) -> Reading:
        probability = min(1.0, self.params.weight * state.calls[thing])
        return Reading(
            object=thing, look=look, score=probability, probability=probability, warm=warm,
            features=({"calls": float(state.calls[thing])},),
        )  # fmt: skip

    def evidence(self, state: CallState, reading: Reading, moment: Moment) -> Evidence:
        if reading.look == "raises-late":
            raise ValueError("no words")
        return Evidence(since=START, expected="silence", actual=f"{state.calls.get(reading.object, 0)} calls")

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        return [call("c-1", minute, "t-1") for minute in (0, 1)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        return [call("c-1", 0, "t-1")]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        return [[call("c-1", minute, "t-1") for minute in range(count)] for count in (1, 2, 3)]


class AlsoCalls(ManyCalls):
    """The same under another name, with no special cases to stumble over."""

    name = "also_calls"

    def observe(self, state: CallState, event: Event, moment: Moment) -> Iterable[Output]:
        if isinstance(event, CareContactOpened):
            state.calls[event.data.contact_id] = state.calls.get(event.data.contact_id, 0) + 1
            yield self.reading(state, event.data.contact_id, look="call")


def toys() -> list[Detector[Any, Any]]:
    return [ManyCalls(CallParams()), AlsoCalls(CallParams())]


def call(customer: str, minute: float, thing: str, via: str = "phone", event_id: str = "") -> CareContactOpened:
    name = event_id or f"{customer}-{thing}-{minute}"
    data = CareContactOpenedData(contact_id=thing, via=via)
    return CareContactOpened(id=name, source="test", subject=customer, time=at(minute), data=data)


def closed(customer: str, minute: float, thing: str) -> CareContactClosed:
    data = CareContactClosedData(contact_id=thing)
    name = f"{customer}-{thing}-{minute}-c"
    return CareContactClosed(id=name, source="test", subject=customer, time=at(minute), data=data)


def tick(minute: float, topic: str = "care.v1", partition: int = 0, partitions: int = 1) -> Tick:
    data = TickData(source_topic=topic, source_partition=partition, source_partitions=partitions)
    return Tick(id="tick", source="ingest", subject="tick", time=at(minute), data=data)


def parameters(minute: float, text: str, detector: str = "many_calls") -> ParametersUpdated:
    data = ParametersUpdatedData(detector=detector, parameters=text)
    return ParametersUpdated(id=f"p-{minute}", source="operator", subject=detector, time=at(minute), data=data)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def pipeline(*detectors: Detector[Any, Any], keep_signals: bool = True) -> Pipeline:
    return Pipeline(detectors or [ManyCalls(CallParams())], 3, keep_signals=keep_signals)


def fed(events: Iterable[Event], *detectors: Detector[Any, Any]) -> Pipeline:
    """A pipeline that has read these events, at offsets from 0."""
    made = pipeline(*detectors)
    for offset, event in enumerate(events):
        made.apply(event, offset)
    return made
