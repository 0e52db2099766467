"""What every detector promises, checked on each one that the folder holds."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import detectors
from detectors.catalogue import all_detectors, detector_types
from detectors.detector import Detector, Params, State
from detectors.knowledge import Knowledge
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from detectors.readings import Moment
from models.events.base import Event
from models.events.catalogue import decode, encode, event_types
from models.events.tick import Tick
from models.issues import Severity, decode_issue, encode_issue

EACH = pytest.mark.parametrize("detector", all_detectors(), ids=lambda detector: str(detector.name))
SOURCES = {"orders.v1", "telemetry.v1", "care.v1"}


def read(detector: Detector[Any, Any], story: list[Event], *, restart: bool = False) -> Outputs:
    """Everything that comes out of a story; with `restart` every event is read by a pipeline made from states."""
    pipeline, whole, states = Pipeline([detector], 0, keep_signals=True), Outputs(), dict[bytes, bytes | None]()
    for offset, event in enumerate(story):
        pipeline.apply(decode(encode(event)), offset)
        outputs = pipeline.drain()
        whole.issues += outputs.issues
        whole.signals += outputs.signals
        whole.failures += outputs.failures
        whole.observations += outputs.observations
        states.update(outputs.states)
        if restart:
            pipeline = Pipeline([detector], 0, keep_signals=True)
            for key, value in states.items():
                if value is not None:
                    pipeline.load(key, value)
    return whole


def test_there_are_detectors_and_each_is_named_like_its_file() -> None:
    files = {
        path.stem
        for path in Path(detectors.__path__[0]).glob("*/*.py")
        if any(base.__module__ == f"detectors.{path.parent.name}.{path.stem}" for base in detector_types())
    }
    assert {"late_delivery", "payment_retry_loop"} <= files
    assert files == {detector.name for detector in detector_types()}


@EACH
def test_its_story_of_trouble_opens_an_issue(detector: Detector[Any, Any]) -> None:
    outputs = read(detector, detector.story_of_trouble())
    assert [issue.change for issue in outputs.issues][:1] == ["opened"]
    assert outputs.failures == []


@EACH
def test_its_story_of_calm_opens_none(detector: Detector[Any, Any]) -> None:
    story = detector.story_of_calm()
    outputs = read(detector, story)
    assert outputs.issues == []
    assert outputs.failures == []
    assert len(outputs.signals) > 0
    assert any(isinstance(event, Tick) for event in story)


@EACH
def test_worse_trouble_never_scores_lower(detector: Detector[Any, Any]) -> None:
    last = [read(detector, story).signals[-1] for story in detector.stories_by_severity()]
    scores = [signal.score for signal in last]
    assert len(scores) >= 3
    assert scores == sorted(scores)
    assert scores[-1] > scores[0]
    assert [signal.probability for signal in last] == sorted(signal.probability for signal in last)


@EACH
def test_a_restart_after_every_event_changes_nothing(detector: Detector[Any, Any]) -> None:
    stories = [detector.story_of_trouble(), detector.story_of_calm(), *detector.stories_by_severity()]
    for story in stories:
        assert read(detector, story) == read(detector, story, restart=True)


@EACH
def test_its_evidence_has_words_and_its_issues_survive_the_wire(detector: Detector[Any, Any]) -> None:
    issues = read(detector, detector.story_of_trouble()).issues
    for issue in issues:
        assert issue.evidence.expected != ""
        assert issue.evidence.actual != ""
        assert issue.evidence.since <= issue.at
        assert issue.object in issue.evidence.facts.values()
        assert issue.severity in get_args(Severity)
        assert decode_issue(encode_issue(issue)) == issue


@EACH
def test_its_signals_are_probabilities_with_named_features(detector: Detector[Any, Any]) -> None:
    signals = read(detector, detector.story_of_trouble()).signals
    assert all(0.0 <= signal.probability <= 1.0 for signal in signals)
    assert any(signal.features for signal in signals)


@EACH
def test_it_declares_its_floor_and_its_warm_up(detector: Detector[Any, Any]) -> None:
    assert len(detector.floor) > 10
    assert len(detector.warm_up) > 3


@EACH
def test_it_listens_to_events_from_outside_and_its_time_is_their_sources(detector: Detector[Any, Any]) -> None:
    assert set(detector.listens_to) <= set(event_types().values())
    assert not any(event.internal for event in detector.listens_to)
    assert {event.topic for event in detector.listens_to} == set(detector.clock) <= SOURCES


@EACH
def test_what_begins_nothing_says_nothing_of_a_stranger(detector: Detector[Any, Any]) -> None:
    assert set(detector.begins_with) <= set(detector.listens_to)
    for kind in set(detector.listens_to) - set(detector.begins_with) if detector.begins_with else ():
        state, event = detector.state_type(), kind.example()
        moment = Moment(Knowledge(), event.time.timestamp(), event.subject)
        assert list(detector.observe(state, event, moment)) == []
        assert state == detector.state_type()


@EACH
def test_its_parameters_and_its_empty_state_survive_the_codec(detector: Detector[Any, Any]) -> None:
    assert issubclass(detector.params_type, Params)
    assert issubclass(detector.state_type, State)
    shipped = detector.params_type()
    assert msgspec.json.decode(msgspec.json.encode(shipped), type=detector.params_type) == shipped
    state = detector.state_type()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=detector.state_type) == state


@EACH
def test_new_parameters_leave_the_detector_itself_as_it_was(detector: Detector[Any, Any]) -> None:
    other = detector.with_params(msgspec.structs.replace(detector.params, open_at=0.99))
    assert (other.params.open_at, detector.params.open_at) == (0.99, detector.params_type().open_at)
    assert type(other) is type(detector)


def test_unknown_names_and_parameters_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"no such detector: nonsense"):
        all_detectors({"nonsense": {}})
    with pytest.raises(ValueError, match=r"parameters of late_delivery: .*no_such"):
        all_detectors({"late_delivery": {"no_such": 1}})
    with pytest.raises(ValueError, match=r"parameters of late_delivery: .*close_at"):
        all_detectors({"late_delivery": {"open_at": 0.1, "close_at": 0.2}})


def test_parameters_by_name_reach_their_detector() -> None:
    chosen = {detector.name: detector for detector in all_detectors({"payment_retry_loop": {"floor": 5}})}
    assert chosen["payment_retry_loop"].params.floor == 5
