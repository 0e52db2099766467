"""The same sequence gives the same outputs, however it is cut and whoever restarted in between."""

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.base import Event
from tests.toy_detectors import call, closed, parameters, tick, toys

MINUTES = st.integers(0, 60)
CUSTOMERS = st.sampled_from(["c-1", "c-2", "c-3"])
THINGS = st.sampled_from(["a", "b", "loops"])
VIAS = st.sampled_from(["phone", "phone", "phone", "cold", "raises-first", "raises-last", "raises-late"])
EVENTS = st.one_of(
    st.builds(call, CUSTOMERS, MINUTES, THINGS, VIAS),
    st.builds(closed, CUSTOMERS, MINUTES, THINGS),
    st.builds(tick, MINUTES, partition=st.integers(0, 1), partitions=st.just(2)),
    st.builds(parameters, MINUTES, st.sampled_from(['{"weight": 0.2}', '{"wait_s": 60}', "{"])),
)


def made() -> Pipeline:
    return Pipeline(toys(), 1, keep_signals=True, forget_after_s=1200)


def run(events: list[Event], batch: int, *, restart: bool) -> tuple[Outputs, dict[bytes, bytes]]:
    """Everything that came out, and the states at the end."""
    pipeline, whole, states, numbered = made(), Outputs(), dict[bytes, bytes](), iter(enumerate(events))
    while part := list(islice(numbered, batch)):
        for offset, event in part:
            pipeline.apply(event, offset)
        outputs = pipeline.drain()
        for name in ("issues", "observations", "failures", "signals"):
            getattr(whole, name).extend(getattr(outputs, name))
        for key, value in outputs.states:
            states.pop(key, None)
            if value is not None:
                states[key] = value
        if restart:
            pipeline = made()
            for key, value in states.items():
                pipeline.load(key, value)
    return whole, states


@settings(max_examples=150)
@given(st.lists(EVENTS, max_size=60))
def test_outputs_depend_on_the_sequence_alone(events: list[Event]) -> None:
    whole, states = run(events, 1000, restart=False)
    for batch, restart in ((1, False), (7, False), (7, True), (1, True)):
        other, other_states = run(events, batch, restart=restart)
        assert other == whole
        assert other_states == states


def test_the_sequences_above_do_open_issues_and_ring_alarms() -> None:
    events = [call("c-1", 0, "a"), call("c-1", 1, "a"), call("c-2", 1, "b")]
    ticks = [tick(30, partition=number, partitions=2) for number in (0, 1)]
    whole, _ = run([*events, *ticks], 1, restart=True)
    assert [issue.change for issue in whole.issues] == ["opened", "opened", "updated", "opened"]
    assert {signal.look for signal in whole.signals} == {"phone", "still open", "call"}
