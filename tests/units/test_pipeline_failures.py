"""A detector that raises costs its own reading, nothing else."""

import pytest

from detectors.outputs import DetectorFailure
from tests.toy_detectors import AlsoCalls, CallParams, ManyCalls, call, fed, tick


@pytest.mark.parametrize(
    ("via", "error"), [("raises-first", "RuntimeError"), ("raises-last", "KeyError"), ("raises-late", "ValueError")]
)
def test_nothing_of_a_failed_reading_is_kept(via: str, error: str) -> None:
    events = [call("c-1", 0, "t-1"), call("c-1", 1, "t-1", via=via), call("c-1", 2, "t-1")]
    outputs = fed(events).drain()
    assert outputs.failures == [DetectorFailure("many_calls", 1, error)]
    assert [signal.features for signal in outputs.signals] == [{"calls": 1.0}, {"calls": 2.0}]
    assert len(outputs.observations) == 2
    assert [issue.journal_offset for issue in outputs.issues] == [2]


def test_the_alarm_from_before_the_failure_still_rings() -> None:
    pipeline = fed([call("c-1", 0, "t-1"), call("c-1", 5, "t-1", via="raises-last"), tick(10)])
    assert [signal.look for signal in pipeline.drain().signals] == ["phone", "still open"]


def test_the_others_go_on() -> None:
    toys = [ManyCalls(CallParams()), AlsoCalls(CallParams())]
    outputs = fed([call("c-1", 0, "t-1", via="raises-first"), call("c-1", 1, "t-1")], *toys).drain()
    assert [(signal.detector, signal.features["calls"]) for signal in outputs.signals] == [
        ("also_calls", 1.0), ("also_calls", 2.0), ("many_calls", 1.0),
    ]  # fmt: skip


def test_the_event_that_failed_counts_as_seen() -> None:
    failing = call("c-1", 0, "t-1", via="raises-first", event_id="same")
    assert len(fed([failing, failing]).drain().failures) == 1


def test_an_alarm_that_would_ring_for_ever_is_a_failure() -> None:
    outputs = fed([call("c-1", 0, "loops"), tick(10), tick(20)]).drain()
    assert [(failure.offset, failure.error_class) for failure in outputs.failures] == [(1, "ValueError")]
    assert [signal.look for signal in outputs.signals] == ["phone"]


def test_a_failure_is_the_same_whether_or_not_the_state_was_just_written() -> None:
    events = [call("c-1", minute, "t-1") for minute in range(3)] + [call("c-1", 5, "t-1", via="raises-last")]
    whole, cut = fed(events), fed([])
    for offset, event in enumerate(events):
        cut.apply(event, offset)
        last = cut.drain().states
    assert dict(whole.drain().states) == dict(last)
