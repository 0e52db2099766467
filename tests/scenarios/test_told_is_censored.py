"""A customer who was told lives on otherwise: what becomes of their order is no lesson about what becomes of orders."""

from collections import Counter
from datetime import datetime

import msgspec
import pytest

from detectors import scenes
from detectors.catalogue import all_detectors
from detectors.learning.partition import LearnPartition, lessons_of
from detectors.orders.parcel_features import PARCEL
from detectors.pipeline import Pipeline
from detectors.propensity import complaint_stories as stories
from detectors.propensity.will_complain import MODEL
from models.events.base import Event
from models.events.customer_told import CustomerTold, CustomerToldData
from models.events.order_delivered import OrderDelivered, OrderDeliveredData

DAY = stories.DAY


def told(at: datetime, about: str = stories.ORDER, number: int = 1) -> Event:
    """By mail, of something that another detector found."""
    data = CustomerToldData(issue_id=f"i-{number}", detector="stalled_order", object=about, channel="email")
    return CustomerTold(id=f"told-{number}", source="outreach", subject=scenes.CUSTOMER, time=at, data=data)


def became(*events: Event, model: str = MODEL) -> Counter[str]:
    """What learning made of a customer's events."""
    detectors = all_detectors()
    pipeline, learning = Pipeline(detectors, 0), LearnPartition(lessons_of(detectors))
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    for offset, example in enumerate(pipeline.drain().examples):
        learning.apply(example, offset)
    return learning.counted()[model]


def late_order(*between: Event) -> list[Event]:
    """Given an order whose promise ends on the tenth day unkept, and a good word of its customer on the twelfth."""
    return [stories.placed(), *stories.ticks(stories.PROMISED_D), *between, stories.answered(5, 12), *stories.ticks(13)]


def test_of_a_customer_who_was_told_nothing_is_learned() -> None:
    counts = became(*late_order(told(scenes.after(10 * DAY + 5))))
    assert (counts["frozen"], counts["told"], counts["censored"], counts["learned"]) == (1, 1, 1, 0)


def test_an_issue_that_was_held_or_in_shadow_censors_nothing() -> None:
    counts = became(*late_order())
    assert (counts["censored"], counts["learned"]) == (0, 1)


def test_who_was_told_before_the_decision_is_left_out_too() -> None:
    counts = became(stories.placed(), told(scenes.after(3 * DAY)), *late_order()[1:])
    assert (counts["frozen"], counts["censored"], counts["learned"]) == (1, 1, 0)


def test_a_word_about_another_order_changes_nothing_for_this_one() -> None:
    counts = became(*late_order(told(scenes.after(10 * DAY + 5), about="another")))
    assert (counts["censored"], counts["learned"]) == (0, 1)


def test_who_had_spoken_before_we_wrote_teaches_even_if_the_journal_knows_of_it_later() -> None:
    wrote_late, wrote_early = scenes.after(12 * DAY + 60), scenes.after(11 * DAY)
    assert became(*late_order(), told(wrote_late))["learned"] == 1
    assert became(*late_order(told(wrote_late)))["learned"] == 1, "its sender's clock is ahead of the journal"
    assert became(*late_order(told(wrote_early)))["censored"] == 1


def test_a_second_record_of_the_same_message_says_no_more() -> None:
    once = became(*late_order(told(scenes.after(10 * DAY + 5))))
    assert became(*late_order(*[told(scenes.after(10 * DAY + 5))] * 3)) == once


@pytest.mark.parametrize("at_days", [1.0, 7.5, 9.9, 10.1, 20.0])
def test_that_an_order_is_late_is_no_less_true_because_its_customer_knows(at_days: float) -> None:
    """Told before the first look, between two of them, before the promise is broken; after that, and after it came."""
    placed = msgspec.structs.replace(stories.placed(), source="other")
    arrived = OrderDelivered(
        id="d", source="other", subject=scenes.CUSTOMER, time=scenes.after(12 * DAY),
        data=OrderDeliveredData(order_id=stories.ORDER),
    )  # fmt: skip
    days = [tick for day in range(31) for tick in stories.ticks(day)]
    journal = sorted([placed, arrived, told(scenes.after(at_days * DAY)), *days], key=lambda event: event.time)
    counts = became(*journal, model=PARCEL.lesson.model)
    assert (counts["frozen"], counts["learned"], counts["censored"]) == (5, 5, 0)
