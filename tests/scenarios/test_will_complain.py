"""Whether a customer will complain: decided once, learned from the first word, and what is new is taken for usual."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from detectors import scenes
from detectors.knowledge import Knowledge
from detectors.learning.snapshot import LAYOUT, Linear, Snapshot, encode
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from detectors.propensity import complaint_stories as stories
from detectors.propensity.complaint_features import NAMES, values
from detectors.propensity.purchase import purchase
from detectors.propensity.will_complain import MODEL, WillComplain, WillComplainParams
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.model_updated import ModelUpdated, ModelUpdatedData
from models.events.order_placed import OrderPlaced


def read(*events: Event) -> Outputs:
    pipeline = Pipeline([WillComplain(WillComplainParams())], 0, keep_signals=True)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return outputs


def labels(outputs: Outputs) -> list[float]:
    return [one.data.value for one in outputs.examples if isinstance(one, ExampleLabelled)]


def frozen(outputs: Outputs) -> list[ExampleFrozen]:
    return [one for one in outputs.examples if isinstance(one, ExampleFrozen)]


def called(days: float) -> Event:
    data = CareContactOpenedData(contact_id="t", order_id=stories.ORDER)
    return CareContactOpened(id="t", source="desk", subject=scenes.CUSTOMER, time=scenes.after(days * 1440), data=data)


def test_it_decides_at_the_delivery_and_never_again() -> None:
    outputs = read(
        stories.placed(), stories.handed_over(), stories.delivered(6), *stories.ticks(10), stories.delivered(11)
    )
    assert [signal.look for signal in outputs.signals] == ["decision"]
    assert [example.time for example in frozen(outputs)] == [scenes.after(6 * 1440)]


def test_a_late_order_is_decided_at_the_end_of_its_promise() -> None:
    outputs = read(stories.placed(), stories.handed_over(), *stories.ticks(10), stories.delivered(13))
    assert [(signal.look, signal.at) for signal in outputs.signals] == [("decision", scenes.after(10 * 1440))]
    assert outputs.signals[0].features["late"] == 1.0


@pytest.mark.parametrize(("score", "label"), [(1, 1.0), (2, 1.0), (3, 0.0), (5, 0.0)])
def test_the_first_answer_is_the_label(score: int, label: float) -> None:
    delivered = [stories.placed(), stories.handed_over(), stories.delivered(6)]
    assert labels(read(*delivered, stories.answered(score, 8), stories.answered(6 - score, 9))) == [label]


def test_who_spoke_before_the_decision_teaches_nothing_and_is_not_decided() -> None:
    outputs = read(stories.placed(), stories.answered(1, 5), stories.delivered(6), *stories.ticks(10))
    assert (outputs.examples, outputs.issues) == ([], [])


def test_a_call_about_the_order_is_a_complaint_and_closes_what_was_expected() -> None:
    outputs = read(stories.placed(), *stories.ticks(10), called(11))
    assert labels(outputs) == [1.0]
    assert [issue.change for issue in outputs.issues] == ["opened", "resolved"]


def test_silence_for_a_month_teaches_nothing_and_ends_the_issue() -> None:
    outputs = read(stories.placed(), *stories.ticks(10), *stories.ticks(41))
    assert labels(outputs) == []
    assert [issue.change for issue in outputs.issues] == ["opened", "resolved"]


def learned(bias: float) -> ModelUpdated:
    """A model that says the same of every order."""
    nothing = [0.0] * len(NAMES)
    part = Linear(bias=bias, means=nothing, scales=[1.0] * len(NAMES), weights=nothing, missing=nothing)
    body, digest = encode(Snapshot(names=NAMES, parts=(part,), mix=(1.0,)))
    data = ModelUpdatedData(digest=digest, layout=LAYOUT, body=body, version=1, examples=300)
    return ModelUpdated(id="m", source="learn", subject=MODEL, time=scenes.START, data=data)


def test_what_was_learned_takes_the_place_of_the_rule_of_thumb() -> None:
    content = [stories.placed(), stories.handed_over(), stories.delivered(6)]
    assert read(*content).issues == []
    assert [issue.change for issue in read(learned(2.0), *content).issues] == ["opened"]
    assert read(learned(-4.0), stories.placed(), *stories.ticks(10)).issues == []


def known(entity: str, bad: float, cases: float) -> ContextUpdated:
    sums = {"bad_score/120d": FadingSum(half_life_s=1e9, weight=cases, total=bad * cases)}
    data = ContextUpdatedData(sums=sums)
    return ContextUpdated(id=entity, source="context", subject=entity, time=scenes.START, data=data)


def features(*told: ContextUpdated) -> dict[str, Any]:
    event = stories.placed()
    assert isinstance(event, OrderPlaced)
    entities = {"shop": "s", "seller": "new", "category": "toys", "state": "RJ"}
    order = purchase(msgspec.structs.replace(event.data, entities=entities), scenes.START.timestamp())
    knowledge = Knowledge()
    for one in told:
        knowledge.put(one)
    found = values(order, knowledge, (scenes.START + timedelta(days=6)).timestamp())
    return dict(zip(NAMES, found, strict=True))


def test_a_new_seller_is_taken_for_a_usual_one_of_its_shop_until_its_own_cases_weigh_more() -> None:
    shop = known("shop:s", 0.3, 5_000.0)
    new = features(shop)["seller.bad"]
    one, many = (features(shop, known("seller:new", 0.9, cases))["seller.bad"] for cases in (1.0, 500.0))
    assert new == pytest.approx(0.3, abs=0.01)
    assert one == pytest.approx(0.354, abs=0.01), "a first bad score is no verdict"
    assert many > 0.85
