"""What a challenger would have been worth, beside its champion, by what customers did themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.shadowing.compare import Said, compare, messages, signs
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.order_delivered import OrderDelivered
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData

T0 = datetime(2025, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def said(customer: int, day: float) -> Said:
    return Said(f"c-{customer}", T0 + day * DAY)


def test_signs_are_calls_and_low_scores() -> None:
    events = [
        CareContactOpened(id="1", source="s", subject="c-1", time=T0, data=CareContactOpenedData(contact_id="t")),
        SurveyAnswered(id="2", source="s", subject="c-2", time=T0, data=SurveyAnsweredData(survey_id="a", score=2)),
        SurveyAnswered(id="3", source="s", subject="c-3", time=T0, data=SurveyAnsweredData(survey_id="b", score=3)),
        OrderDelivered.example(),
    ]
    assert [one.customer_id for one in signs(events)] == ["c-1", "c-2"]
    assert messages([], "late_delivery") == []


def test_caught_false_and_lead_are_counted_alike_for_both() -> None:
    called = [said(1, 5.0), said(2, 6.0), said(3, 7.0), said(4, 8.0)]
    champion = [said(1, 4.5), said(9, 2.0)]
    challenger = [said(1, 4.0), said(2, 5.0), said(3, 7.5), said(4, 1.0), said(9, 2.0)]
    found = compare(champion, challenger, called, T0, T0 + 20 * DAY, 3 * DAY)
    assert (found.customers, found.signs) == (5, 4)
    assert (found.champion.messages, found.challenger.messages) == (2, 5)
    assert (found.champion.caught.value, found.challenger.caught.value) == (0.25, 0.5)
    assert (found.champion.false.value, found.challenger.false.value) == (0.5, 0.6)
    assert (found.champion.lead_h.value, found.challenger.lead_h.value) == (12.0, 24.0)
    assert found.difference["caught"].value == 0.25
    low, high = found.difference["caught"].low, found.difference["caught"].high
    assert low is not None
    assert high is not None
    assert low <= 0.25 <= high


def test_a_message_too_young_to_be_judged_is_not_called_false() -> None:
    found = compare([said(1, 9.5)], [said(1, 2.0)], [], T0, T0 + 10 * DAY, 3 * DAY)
    assert found.champion.false.value is None
    assert found.challenger.false.value == 1.0
    with pytest.raises(ValueError, match="longer than the horizon"):
        compare([], [], [], T0, T0 + DAY, 3 * DAY)
