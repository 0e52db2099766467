"""Orders placed twice, and what customers say when they are asked."""

from detectors.scenes import after, tick
from models.events.base import Event
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData
from notifiers.rendering import render
from streams.roles.decide import limits_of
from streams.settings import Settings
from tests.told import changes, told

HOUR, DAY = 60, 24 * 60


def placed(minute: float, *items: str, amount: int = 4000) -> Event:
    data = OrderPlacedData(
        order_id=f"o-{minute}", promised_by=after(minute + 5 * DAY), items=list(items), amount_minor=amount
    )
    return OrderPlaced(id=f"p-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def cancelled(minute: float, order: str, *, by_us: bool = False) -> Event:
    data = OrderCancelledData(order_id=order, by="seller" if by_us else "customer")
    return OrderCancelled(id=f"x-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def gave(day: float, score: int, *, order: str = "", best: int = 5) -> Event:
    data = SurveyAnsweredData(survey_id=f"s-{day}", score=score, best=best, order_id=order)
    return SurveyAnswered(id=f"s-{day}", source="t", subject="c-1", time=after(day * DAY), data=data)


def test_the_same_again_is_told_whichever_of_the_two_comes_first() -> None:
    after_it = [placed(0, "B"), cancelled(60, "o-0"), placed(70, "B", amount=3500)]
    before_it = [placed(0, "B"), placed(5, "B"), cancelled(8, "o-0")]
    assert changes("cancel_and_rebuy", before_it) == ["opened"]
    issue = told("cancel_and_rebuy", after_it).issues[0]
    assert (issue.change, issue.object, issue.evidence.facts["cancelled"]) == ("opened", "o-70", "o-0")
    assert issue.evidence.facts["cheaper"] == "yes"


def test_most_of_the_same_things_is_the_same_and_half_of_them_is_not() -> None:
    start = [placed(0, "A", "B", "C"), cancelled(60, "o-0")]
    assert changes("cancel_and_rebuy", [*start, placed(70, "A", "B")]) == ["opened"]
    assert changes("cancel_and_rebuy", [*start, placed(70, "A", "D", "E")]) == []


def test_after_days_or_without_items_or_when_we_called_it_off_it_is_another_order() -> None:
    assert changes("cancel_and_rebuy", [placed(0, "B"), cancelled(60, "o-0"), placed(4 * DAY, "B")]) == []
    assert changes("cancel_and_rebuy", [placed(0), cancelled(60, "o-0"), placed(70)]) == []
    assert changes("cancel_and_rebuy", [placed(0, "B"), cancelled(60, "o-0", by_us=True), placed(70, "B")]) == []


def test_a_second_time_around_is_worse_and_the_first_is_over() -> None:
    events = [placed(0, "B"), cancelled(60, "o-0"), placed(70, "B"), cancelled(80, "o-70"), placed(90, "B")]
    found = told("cancel_and_rebuy", events).issues
    assert [(one.object, one.change) for one in found] == [("o-70", "opened"), ("o-70", "resolved"), ("o-90", "opened")]
    assert (found[0].severity, found[2].severity) == ("low", "medium")
    assert changes("cancel_and_rebuy", [*events, tick("orders.v1", 5 * DAY)])[-1] == "resolved"


def test_a_low_score_is_one_of_theirs_or_of_anybodys_and_is_told_once() -> None:
    assert changes("low_score", [gave(0, 2)]) == ["opened"]
    assert changes("low_score", [gave(0, 3)]) == []
    fives = [gave(day, 5) for day in range(4)]
    assert changes("low_score", [*fives, gave(5, 3)]) == ["opened"]
    assert changes("low_score", [gave(0, 2, order="A"), gave(1, 2, order="A")]) == ["opened"]


def test_a_better_answer_about_the_same_or_a_week_ends_it() -> None:
    assert changes("low_score", [gave(0, 1, order="A"), gave(1, 5, order="A")]) == ["opened", "resolved"]
    assert changes("low_score", [gave(0, 1), tick("care.v1", 8 * DAY)]) == ["opened", "resolved"]


def test_it_is_for_the_shops_own_people_and_held_where_they_have_no_webhook() -> None:
    assert Settings.model_fields["detector_channels"].default["low_score"] == ["webhook"]
    assert limits_of(Settings()).channels_for("low_score") == ()
    words = render(told("low_score", [gave(0, 1, order="A-17")]).issues[0], name="", locale="en", zone="UTC")
    assert words.short == "This customer gave 1 of 5 for A-17 and should hear from a person soon."
