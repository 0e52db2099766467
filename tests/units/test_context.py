"""Observations in, knowledge out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from detectors.context.fading import Fading, half_life_s
from detectors.context.partition import ContextPartition
from detectors.context.rules import ContextParams, Rule
from models.events.catalogue import decode, encode
from models.events.context_updated import ContextUpdated
from models.events.entity_measured import EntityMeasured, EntityMeasuredData
from models.events.entity_observed import EntityObserved, EntityObservedData

START = datetime(2013, 2, 8, tzinfo=UTC)


def seen(minute: float, value: float, measure: str = "late_min", entity: str = "airport:EWR") -> EntityObserved:
    data = EntityObservedData(measure=measure, value=value)
    time = START + timedelta(minutes=minute)
    return EntityObserved(id=f"{entity}-{minute}", source="detect", subject=entity, time=time, data=data)


def measured(minute: float, **measures: float) -> EntityMeasured:
    time = START + timedelta(minutes=minute)
    return EntityMeasured(
        id=f"w-{minute}", source="noaa", subject="airport:EWR", time=time, data=EntityMeasuredData(measures=measures)
    )


def told(events: Sequence[EntityObserved | EntityMeasured], **params: float) -> list[ContextUpdated]:
    partition = ContextPartition(2, ContextParams(**params))  # type: ignore[arg-type]
    for offset, event in enumerate(events):
        partition.apply(event, offset)
    return partition.drain().updates


def test_a_window_fades_to_the_mass_of_a_plain_one() -> None:
    fading = Fading(0.0)
    for second in range(100_000):
        fading.add(1.0, float(second), half_life_s("1h"))
    assert fading.weight == pytest.approx(3600, rel=0.001)


@pytest.mark.parametrize("window", ["", "h", "0h", "2", "1.5h", "-1h", "2w", "h2"])
def test_a_window_that_is_none_is_refused(window: str) -> None:
    with pytest.raises(ValueError, match="window"):
        half_life_s(window)


def test_the_order_of_observations_does_not_matter() -> None:
    values = [(0.0, 60.0), (30.0, 0.0), (31.0, 50.0), (200.0, 5.0)]
    ends = set()
    for order in permutations(values):
        update = told([seen(*one) for one in order] + [seen(240.0, 0.0)], min_change=0.0, min_interval_s=0.0)[-1]
        ends.add(tuple((name, round(sums.weight, 9), round(sums.total, 9)) for name, sums in update.data.sums.items()))
    assert len(ends) == 1


def test_minutes_late_become_shares_of_slow_and_late_ones_and_a_mean() -> None:
    update = told([seen(0, 0.0), seen(0, 44.0), seen(0, 45.0), seen(0, 180.0)], min_interval_s=0.0)[-1]
    late, mean = update.data.sums["late/1h"], update.data.sums["late_min/1h"]
    assert (late.weight, late.total) == (4.0, 2.0)
    assert (mean.weight, mean.total) == (4.0, 269.0)


def test_a_measure_without_a_rule_is_kept_as_it_is() -> None:
    update = told([seen(0, 1.0, measure="something"), seen(0, 1.0, measure="something")], min_interval_s=0.0)[-1]
    assert update.data.sums["something/3h"].total == 2.0


def test_nothing_is_told_while_nothing_changes() -> None:
    assert len(told([seen(minute, 10.0) for minute in range(0, 6000, 10)])) < 20


def test_a_change_is_told_at_once_but_not_more_often_than_the_interval() -> None:
    calm = [seen(minute, 0.0) for minute in range(0, 300, 5)]
    storm = [seen(300 + minute / 10, 90.0) for minute in range(100)]
    updates = told([*calm, *storm], min_interval_s=300.0)
    times = [(update.time - START) / timedelta(minutes=1) for update in updates if update.time >= storm[0].time]
    assert times[0] == 300.0
    assert len(times) == 2
    assert times[1] - times[0] >= 5.0


def test_what_was_seen_together_is_told_in_one_word() -> None:
    one = seen(0, 30.0, measure="left_late_min")
    both = msgspec.structs.replace(one, data=msgspec.structs.replace(one.data, also={"waiting": -1.0}))
    [update] = told([decode(encode(both))])  # type: ignore[list-item]
    assert {name: sums.total for name, sums in update.data.sums.items()} == {
        "left_late_min/1h": 30.0, "left_late_min/4h": 30.0, "waiting/1d": -1.0,
    }  # fmt: skip


def test_what_came_within_the_interval_is_told_at_its_end_though_nothing_more_is_seen_of_it() -> None:
    events = [seen(0, 90.0), seen(2, 90.0), seen(4, 0.0, entity="airport:JFK"), seen(6, 0.0, entity="airport:JFK")]
    updates = [one for one in told(events, min_interval_s=300.0) if one.subject == "airport:EWR"]
    assert [(one.time - START) / timedelta(minutes=1) for one in updates] == [0.0, 2.0]
    assert updates[-1].id == "cx-2-3-airport:EWR"
    assert updates[-1].data.sums["late/1h"].total == pytest.approx(2.0, rel=0.05)


def test_what_came_within_the_interval_and_changes_nothing_is_not_told() -> None:
    calm = [seen(minute, 10.0) for minute in range(0, 6000, 10)]
    updates = told([*calm, seen(5992, 10.0), seen(6010, 0.0, entity="airport:JFK")])
    assert [one.time for one in updates if one.subject == "airport:EWR" and one.time > calm[-1].time] == []


def test_a_measurement_is_told_and_the_newest_counts() -> None:
    winds = [measured(0, wind_mph=10.0), measured(60, wind_mph=30.0), measured(30, wind_mph=20.0)]
    updates = told(winds, min_interval_s=0.0)
    assert [update.data.measures for update in updates] == [{"wind_mph": 10.0}, {"wind_mph": 30.0}]


def test_a_measurement_of_long_ago_is_passed_on_no_more() -> None:
    updates = told([measured(0, wind_mph=10.0), *(seen(7 * 60 + n, 90.0) for n in range(5))], min_interval_s=0.0)
    assert updates[-1].data.measures == {}


def test_a_measurement_that_came_twice_is_summed_once() -> None:
    params = ContextParams(rules=(Rule(measure="rain_in", name="rain_in", windows=("6h",)),), min_interval_s=0.0)
    partition = ContextPartition(0, params)
    for offset, minute in enumerate((0, 0, 0, 1)):
        partition.apply(measured(minute, rain_in=1.0), offset)
    assert partition.drain().updates[-1].data.sums["rain_in/6h"].weight == pytest.approx(2.0, rel=0.01)


def test_updates_are_valid_events_with_ids_of_their_own() -> None:
    updates = told([seen(n * 10, 90.0 * (n % 2), entity=f"airport:{n % 3}") for n in range(60)])
    assert len({update.id for update in updates}) == len(updates) > 3
    for update in updates:
        assert decode(encode(update)) == update


def test_names_from_outside_are_bounded() -> None:
    many = [seen(n, 1.0, measure=f"{'m' * 120}{n}") for n in range(200)]
    winds = [measured(300, **{f"wind{n}": 1.0 for n in range(30 * i, 30 * i + 30)}) for i in range(4)]
    update = told([*many, *winds], min_interval_s=0.0)[-1]
    assert decode(encode(update)) == update


LONG = [seen(n * 3, float(n * 37 % 100), entity=f"airport:{n % 2}") for n in range(100)]
LONG += [seen(150.0, 70.0), seen(90 * 24 * 60, 70.0, entity="airport:0"), seen(90 * 24 * 60, 1.0)]
SEEN = st.builds(
    seen, st.floats(0.0, 60.0), st.sampled_from([0.0, 90.0]), st.sampled_from(["late_min", "slow"]),
    st.sampled_from(["airport:EWR", "airport:JFK", "carrier:UA"]),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SEEN, max_size=30))
@example(LONG)
def test_what_is_told_depends_on_the_sequence_alone(events: list[EntityObserved]) -> None:
    whole = told([*events])
    states: dict[bytes, bytes | None] = {}
    cut = []
    for offset, event in enumerate(events):
        partition = ContextPartition(2, ContextParams())
        for key, value in states.items():
            if value is not None:
                partition.load(key, value)
        partition.apply(event, offset)
        outputs = partition.drain()
        cut += outputs.updates
        states.update(outputs.states)
    assert cut == whole
    assert len({one.id for one in whole}) == len(whole)
    if events == LONG:
        assert len(whole) > 5
        assert states[b"airport:1"] is None


def test_an_entity_that_fell_silent_is_forgotten_and_begins_anew() -> None:
    day = 24 * 60
    partition = ContextPartition(0, ContextParams(forget_after_s=10 * 86_400.0, min_interval_s=0.0))
    for offset, event in enumerate([seen(0, 90.0), seen(9 * day, 0.0, entity="airport:JFK")]):
        partition.apply(event, offset)
    assert dict(partition.drain().states)[b"airport:EWR"] is not None
    partition.apply(seen(11 * day, 0.0, entity="airport:JFK"), 2)
    assert dict(partition.drain().states)[b"airport:EWR"] is None
    partition.apply(seen(12 * day, 90.0), 3)
    assert partition.drain().updates[-1].data.sums["late/14d"].weight == 1.0
