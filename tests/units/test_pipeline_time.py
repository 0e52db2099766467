"""Ticks, alarms and what is forgotten."""

from detectors.pipeline import Pipeline
from models.events.context_updated import ContextUpdated
from tests.toy_detectors import CallParams, ManyCalls, call, closed, fed, tick


def looks(pipeline: Pipeline) -> list[tuple[str, str]]:
    return [(signal.customer_id, signal.look) for signal in pipeline.drain().signals]


def test_an_alarm_rings_when_the_clock_has_reached_it() -> None:
    early = fed([call("c-1", 0, "t-1"), tick(9.99)])
    assert looks(early) == [("c-1", "phone")]
    early.apply(tick(10), 2)
    assert looks(early) == [("c-1", "still open")]


def test_time_is_the_slowest_partition_of_the_source() -> None:
    pipeline = fed([call("c-1", 0, "t-1"), tick(60, partition=0, partitions=2)])
    assert looks(pipeline) == [("c-1", "phone")]
    pipeline.apply(tick(5, partition=1, partitions=2), 2)
    assert looks(pipeline) == []
    pipeline.apply(tick(11, partition=1, partitions=2), 3)
    assert looks(pipeline) == [("c-1", "still open")]


def test_time_never_goes_back_and_other_sources_do_not_move_it() -> None:
    pipeline = fed([tick(5), tick(3), tick(60, topic="orders.v1"), call("c-1", 0, "t-1")])
    pipeline.apply(tick(4), 4)
    pipeline.apply(tick(9, topic="orders.v1"), 5)
    assert looks(pipeline) == [("c-1", "phone")]
    pipeline.apply(tick(10), 6)
    assert looks(pipeline) == [("c-1", "still open")]


def test_no_partition_goes_back_either() -> None:
    ticks = [tick(60, partition=0, partitions=2), tick(5, partition=0, partitions=2)]
    pipeline = fed([call("c-1", 0, "t-1"), *ticks, tick(30, partition=1, partitions=2)])
    assert looks(pipeline) == [("c-1", "phone"), ("c-1", "still open")]


def test_a_source_that_grew_stands_still_until_all_its_partitions_were_heard() -> None:
    pipeline = fed([tick(5), call("c-1", 0, "t-1"), tick(60, partition=1, partitions=2)])
    pipeline.apply(tick(60, partition=0, partitions=3), 3)
    assert looks(pipeline) == [("c-1", "phone")]
    pipeline.apply(tick(60, partition=2, partitions=3), 4)
    assert looks(pipeline) == [("c-1", "still open")]


def test_a_source_that_shrank_waits_for_no_partition_that_is_gone() -> None:
    pipeline = fed([call("c-1", 0, "t-1"), tick(5, partition=0, partitions=2), tick(5, partition=1, partitions=2)])
    assert looks(pipeline) == [("c-1", "phone")]
    pipeline.apply(tick(60, partition=0, partitions=1), 3)
    assert looks(pipeline) == [("c-1", "still open")]


def test_an_event_later_than_its_deadline_but_already_read_leaves_nothing_to_ring() -> None:
    assert looks(fed([call("c-1", 0, "t-1"), closed("c-1", 30, "t-1"), tick(60)])) == [
        ("c-1", "phone"), ("c-1", "closed"),
    ]  # fmt: skip


def test_alarms_ring_in_order_of_due_time_then_customer_then_object() -> None:
    calls = [call("c-2", 1, "b"), call("c-2", 1, "a"), call("c-1", 1, "z"), call("c-3", 0, "z")]
    pipeline = fed([*calls, tick(60)])
    rung = [(s.customer_id, s.object) for s in pipeline.drain().signals if s.look == "still open"]
    assert rung == [("c-3", "z"), ("c-1", "z"), ("c-2", "a"), ("c-2", "b")]


def test_that_order_does_not_depend_on_the_order_of_loading() -> None:
    states = fed([call(f"c-{n}", n % 3, "t") for n in range(20)]).drain().states
    orders = []
    for way in (states, states[::-1], sorted(states, key=lambda state: state[0][-1:])):
        pipeline = fed([])
        for key, value in way:
            assert value is not None
            pipeline.load(key, value)
        pipeline.apply(tick(60), 99)
        orders.append(looks(pipeline))
    assert orders[0] == orders[1] == orders[2]
    assert len(orders[0]) == 20


def test_a_later_alarm_for_the_same_object_replaces_the_former() -> None:
    pipeline = fed([call("c-1", 0, "t-1"), call("c-1", 8, "t-1"), tick(17)])
    assert looks(pipeline) == [("c-1", "phone"), ("c-1", "phone")]
    pipeline.apply(tick(18), 3)
    assert looks(pipeline) == [("c-1", "still open")]


def test_an_alarm_that_another_one_cancelled_at_the_same_instant_does_not_ring() -> None:
    pipeline = fed([call("c-1", 0, "cancels t"), call("c-1", 0, "t"), tick(10)])
    assert [s.object for s in pipeline.drain().signals if s.look == "still open"] == ["cancels t"]


def test_a_replaced_alarm_rings_at_its_new_time_only() -> None:
    pipeline = Pipeline([ManyCalls(CallParams())], 0, keep_signals=True)
    for offset, event in enumerate([call("c-1", 0, "t"), call("c-1", 8, "t")]):
        pipeline.apply(event, offset)
    assert looks(pipeline) == [("c-1", "phone"), ("c-1", "phone")]
    pipeline.apply(tick(17), 2)
    assert looks(pipeline) == []
    pipeline.apply(tick(18), 3)
    assert looks(pipeline) == [("c-1", "still open")]


def test_an_idle_customer_is_forgotten_after_the_time_that_was_set() -> None:
    pipeline = Pipeline([ManyCalls(CallParams(weight=0.1))], 0, forget_after_s=3600)
    pipeline.apply(call("c-1", 0, "t-1"), 0)
    pipeline.apply(tick(10), 1)
    assert dict(pipeline.drain().states)[b"c-1"] is not None
    pipeline.apply(tick(59), 2)
    assert b"c-1" not in dict(pipeline.drain().states)
    pipeline.apply(tick(60), 3)
    assert dict(pipeline.drain().states)[b"c-1"] is None


def test_an_event_of_long_ago_does_not_make_a_customer_idle() -> None:
    pipeline = Pipeline([ManyCalls(CallParams(weight=0.1))], 0, forget_after_s=3600)
    for offset, event in enumerate([call("c-1", 50, "t"), closed("c-1", 1, "t"), tick(109)]):
        pipeline.apply(event, offset)
    assert dict(pipeline.drain().states)[b"c-1"] is not None
    pipeline.apply(tick(110), 3)
    assert dict(pipeline.drain().states)[b"c-1"] is None


def test_who_has_an_open_episode_or_an_alarm_is_not_forgotten() -> None:
    pipeline = Pipeline([ManyCalls(CallParams())], 0, forget_after_s=60)
    events = [call("open", 0, "t"), call("open", 1, "t"), call("due", 100_000, "t"), tick(99_999)]
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    states = dict(pipeline.drain().states)
    assert states[b"open"] is not None
    assert states[b"due"] is not None


def test_who_was_forgotten_begins_anew() -> None:
    pipeline = Pipeline([ManyCalls(CallParams(weight=0.1))], 0, forget_after_s=3600, keep_signals=True)
    for offset, event in enumerate([call("c-1", 0, "t-1"), tick(10), tick(60), call("c-1", 61, "t-1")]):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.signals[-1].features == {"calls": 1.0}
    assert dict(outputs.states)[b"c-1"] is not None


def test_what_is_known_of_an_entity_is_forgotten_when_nothing_more_is_said() -> None:
    pipeline = Pipeline([ManyCalls(CallParams())], 0, forget_after_s=86_400)
    for offset, event in enumerate([tick(0), ContextUpdated.example(), tick(24 * 60)]):
        pipeline.apply(event, offset)
    assert dict(pipeline.drain().states)[b"\x00ctx:airport:EWR"] is not None
    pipeline.apply(tick(3 * 24 * 60), 3)
    assert dict(pipeline.drain().states)[b"\x00ctx:airport:EWR"] is None
