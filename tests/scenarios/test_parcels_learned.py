"""Parcels are learned from at fixed days before their promise; a new seller or lane is taken for its wider circle."""

from datetime import UTC, datetime, timedelta
from math import isnan
from typing import get_args

import pytest

from detectors.knowledge import Knowledge
from detectors.orders.journey import journey
from detectors.orders.lessons import COURSES, course_of
from detectors.orders.parcel_features import NAMES, PARCEL, settle, values
from detectors.outputs import Outputs
from detectors.peers import Peers
from detectors.pipeline import Pipeline
from detectors.promises.late_delivery import LateDelivery, LateDeliveryParams
from models.events.base import Event
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.events.promise_changed import PromiseChanged, PromiseChangedData
from models.events.tick import Tick, TickData

START = datetime(2017, 9, 1, tzinfo=UTC)
ENTITIES = {"shop": "s", "state": "RJ", "lane": "SP>RJ", "seller": "new"}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def placed(promised: float) -> OrderPlaced:
    data = OrderPlacedData(order_id="P-1", promised_by=day(promised), entities=ENTITIES, measures={"items": 2.0})
    return OrderPlaced(id="p", source="shop", subject="c", time=START, data=data)


def delivered(at: float) -> OrderDelivered:
    return OrderDelivered(id="d", source="shop", subject="c", time=day(at), data=OrderDeliveredData(order_id="P-1"))


def ticks(since: int, until: int) -> list[Event]:
    data = TickData(source_topic="orders.v1", source_partition=0, source_partitions=1)
    return [Tick(id="t", source="ingest", subject="tick", time=day(n), data=data) for n in range(since, until + 1)]


def read(*events: Event) -> Outputs:
    pipeline = Pipeline([LateDelivery(LateDeliveryParams())], 0, keep_signals=True)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return outputs


def frozen(outputs: Outputs) -> dict[str, float]:
    """Look -> days before the promise at which it was frozen."""
    examples = [one for one in outputs.examples if isinstance(one, ExampleFrozen)]
    assert all(one.data.ripe_at - one.time <= timedelta(days=10) for one in examples)
    return {one.data.object: (one.data.ripe_at - one.time).total_seconds() / 86_400.0 for one in examples}


def labels(outputs: Outputs) -> dict[str, float]:
    return {one.data.object: one.data.value for one in outputs.examples if isinstance(one, ExampleLabelled)}


def test_each_look_is_an_example_with_a_label_of_its_own() -> None:
    outputs = read(placed(14.0), *ticks(0, 8), delivered(8.5), *ticks(9, 20))
    assert frozen(outputs) == {"P-1|promise-240h": 10.0, "P-1|promise-168h": 7.0}
    assert labels(outputs) == {"P-1|promise-240h": 0.0, "P-1|promise-168h": 0.0}


def test_at_the_end_of_its_promise_it_is_late_whatever_comes_then() -> None:
    outputs = read(placed(8.0), *ticks(0, 9), delivered(9.5))
    assert sorted(frozen(outputs).values()) == [1.0, 2.0, 3.0, 5.0, 7.0]
    assert set(labels(outputs).values()) == {1.0}
    assert len(labels(outputs)) == 5


def test_another_promise_leaves_what_was_frozen_without_a_label() -> None:
    data = PromiseChangedData(order_id="P-1", promised_by=day(20))
    changed = PromiseChanged(id="x", source="shop", subject="c", time=day(8.5), data=data)
    outputs = read(placed(14.0), *ticks(0, 8), changed, *ticks(9, 12), delivered(12.5))
    assert labels(outputs) == {"P-1|promise-240h": 0.0}


def test_what_is_promised_for_the_day_after_tomorrow_is_of_no_course_of_parcels() -> None:
    assert course_of(journey(placed(6.0).data, START.timestamp())) is COURSES["parcel"] is PARCEL
    assert course_of(journey(placed(2.0).data, START.timestamp())) is None
    assert read(placed(2.0), *ticks(0, 3)).examples == []


def known(entity: str, late: float, cases: float) -> ContextUpdated:
    kept = FadingSum(half_life_s=1e9, weight=cases, total=late * cases)
    data = ContextUpdatedData(sums={"parcel_late/30d": kept, "parcel_late/7d": kept})
    return ContextUpdated(id=entity, source="context", subject=entity, time=START, data=data)


def features(*told: ContextUpdated, peers: Peers = "shrunk") -> dict[str, float]:
    order = journey(placed(14.0).data, START.timestamp())
    knowledge = Knowledge(peers)
    for one in told:
        knowledge.put(one)
    return dict(zip(NAMES, values(order, knowledge, day(4).timestamp()), strict=True))


def test_what_a_bench_compares_it_with_is_its_own_few_cases_alone_or_everybody() -> None:
    told = known("shop:s", 0.1, 5_000.0), known("state:RJ", 0.4, 5_000.0), known("seller:new", 1.0, 1.0)
    shrunk, own, everybody = (features(*told, peers=way) for way in get_args(Peers))
    assert shrunk["seller.parcel_late/30d"] == pytest.approx(0.44, abs=0.03), "one late parcel is no verdict"
    assert own["seller.parcel_late/30d"] == 1.0
    assert own["state.parcel_late/30d"] == pytest.approx(0.4)
    assert isnan(own["lane.parcel_late/30d"]), "nothing was ever seen of it"
    assert everybody["seller.parcel_late/30d"] == everybody["state.parcel_late/30d"] == pytest.approx(0.1, abs=0.01)


def test_a_new_seller_and_a_new_lane_are_taken_for_their_state_and_its_state_for_the_shop() -> None:
    shop, state = known("shop:s", 0.1, 5_000.0), known("state:RJ", 0.4, 5_000.0)
    alone = features(shop)
    assert alone["lane.parcel_late/30d"] == pytest.approx(0.1, abs=0.01)
    wave = features(shop, state)
    assert wave["lane.parcel_late/30d"] == wave["seller.parcel_late/30d"] == pytest.approx(0.4, abs=0.01)
    one, many = (features(shop, state, known("seller:new", 1.0, n))["seller.parcel_late/30d"] for n in (1.0, 200.0))
    assert one < 0.5 < 0.9 < many


def held(said: float, came: float) -> Knowledge:
    """A hundred parcels of the shop a day before their promise."""
    totals = {"said_1d/60d": said, "came_1d/60d": came}
    sums = {name: FadingSum(half_life_s=1e9, weight=100.0, total=100.0 * mean) for name, mean in totals.items()}
    knowledge, data = Knowledge(), ContextUpdatedData(sums=sums)
    knowledge.put(ContextUpdated(id="x", source="context", subject="shop:s", time=START, data=data))
    return knowledge


def test_the_day_before_the_model_is_held_to_what_came_of_its_word() -> None:
    order = journey(placed(14.0).data, START.timestamp())
    day_before, week_before = day(13).timestamp(), day(7).timestamp()
    assert settle(order, Knowledge(), day_before, 0.8) == 0.8
    assert settle(order, held(0.8, 0.8), day_before, 0.8) == pytest.approx(0.8)
    assert 0.85 < settle(order, held(0.8, 0.9), day_before, 0.8) < 0.9
    assert settle(order, held(0.8, 0.7), day_before, 0.8) < 0.75
    assert settle(order, held(0.8, 0.9), week_before, 0.8) == 0.8
