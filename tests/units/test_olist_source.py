"""The traps of Olist's tables: the promised day's end, two answers, orders without items, what has no time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.sources.history import EmptyWindow
from desk.sources.olist import Olist
from desk.sources.source import SourceMissing
from models.events.order_placed import OrderPlaced
from models.events.survey_answered import SurveyAnswered
from tests.mini_olist import write_olist


@pytest.fixture
def olist(tmp_path: Path) -> Olist:
    return Olist(write_olist(tmp_path), datetime(2017, 11, 1, tzinfo=UTC))


def test_an_order_is_late_after_the_end_of_the_promised_day(olist: Olist) -> None:
    late = [one for one in olist.truth() if one.detector == "late_delivery"]
    assert {one.object: one.trouble for one in late} == {"a": False, "b": True, "c": True}
    assert {one.felt_at for one in late} == {datetime(2017, 11, 21, tzinfo=UTC)}


def test_a_bad_score_is_felt_when_it_is_given(olist: Olist) -> None:
    scored = [one for one in olist.truth() if one.detector == "will_complain"]
    answered = [event for event in olist.events() if isinstance(event, SurveyAnswered)]
    assert {one.object: one.trouble for one in scored} == {"a": True, "b": True}
    assert {one.felt_at for one in scored if one.object == "b"} == {
        min(event.time for event in answered if event.data.order_id == "b")
    }


def test_only_orders_that_are_open_and_have_items_are_asked_before_the_promise(olist: Olist) -> None:
    asked = {question.name: question for question in olist.questions()}
    before = asked["promise-3d"]
    assert [(ask.object, ask.trouble, ask.rule) for ask in before.asks] == [("a", False, 0.0), ("b", True, 1.0)]
    assert [(ask.object, ask.rule) for ask in asked["promise-1d"].asks] == [("a", 0.0), ("b", 0.0)]
    assert {ask.at for ask in before.asks} == {datetime(2017, 11, 18, tzinfo=UTC)}
    assert before.usual == 0.0, "the one order that was known before was in time"


def test_the_first_answer_counts_and_one_before_the_decision_is_never_flagged(olist: Olist) -> None:
    score = olist.questions()[-1]
    found = [(ask.object, ask.trouble, ask.silent, ask.rule) for ask in score.asks]
    assert found == [("a", True, True, 0.0), ("b", True, False, 1.0)]
    assert [event.data.score for event in olist.events() if isinstance(event, SurveyAnswered)] == [4, 2, 1, 5]


def test_an_order_names_its_dearest_seller_its_lane_and_the_earliest_limit(olist: Olist) -> None:
    placed = {event.data.order_id: event for event in olist.events() if isinstance(event, OrderPlaced)}
    assert placed["a"].data.entities == {
        "shop": "olist", "state": "SP", "seller": "s2", "category": "toys", "lane": "PR>SP",
    }  # fmt: skip
    assert placed["a"].data.measures == {
        "items": 2, "products": 2, "sellers": 2, "freight": 7.25, "weight_g": 100, "volume_cm3": 1000, "photos": 2,
        "description_length": 300,
    }  # fmt: skip
    assert [(step.name, step.due) for step in placed["a"].data.steps] == [
        ("handed_over", datetime(2017, 11, 6, tzinfo=UTC))
    ]
    assert (placed["a"].data.amount_minor, placed["a"].subject) == (3050, "ada")
    assert (placed["c"].data.entities, placed["c"].data.steps) == ({"shop": "olist", "state": "RJ"}, [])


def test_a_missing_column_and_an_empty_window_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"orders\.csv has no column 'order_delivered_carrier_date'"):
        Olist(write_olist(tmp_path / "x", without="order_delivered_carrier_date"))
    with pytest.raises(EmptyWindow, match="the data goes from 2017-08-20"):
        Olist(write_olist(tmp_path / "y"), datetime(2017, 12, 1, tzinfo=UTC))
