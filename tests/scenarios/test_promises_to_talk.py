"""Calls that were promised, questions that were asked in public."""

from datetime import timedelta

from detectors.scenes import after, tick
from models.events.base import Event
from models.events.callback_made import CallbackMade, CallbackMadeData
from models.events.callback_promised import CallbackPromised, CallbackPromisedData
from models.events.care_contact_closed import CareContactClosed, CareContactClosedData
from models.events.mention_answered import MentionAnswered, MentionAnsweredData
from models.events.mention_posted import MentionPosted, MentionPostedData
from tests.told import changes, told

HOUR, DAY, TOPIC = 60, 24 * 60, "care.v1"


def promised(minute: float = 0, by: float = 6 * HOUR, name: str = "cb") -> Event:
    data = CallbackPromisedData(callback_id=name, promised_by=after(by))
    return CallbackPromised(id=f"{name}-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def called(minute: float, *, reached: bool = True) -> Event:
    data = CallbackMadeData(callback_id="cb", reached=reached)
    return CallbackMade(id="called", source="t", subject="c-1", time=after(minute), data=data)


def wrote(minute: float, text: str = "where is it?") -> Event:
    data = MentionPostedData(via="forum", text=text)
    return MentionPosted(id=f"m-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def answered(minute: float, mention: str = "m-0") -> Event:
    data = MentionAnsweredData(mention_id=mention)
    return MentionAnswered(id=f"a-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def test_a_call_is_missed_half_an_hour_after_its_time_and_not_before() -> None:
    assert changes("callback_missed", [promised(), tick(TOPIC, 6 * HOUR + 29)]) == []
    issue = told("callback_missed", [promised(), tick(TOPIC, 6 * HOUR + 30)]).issues[0]
    assert (issue.change, issue.severity, issue.evidence.since) == ("opened", "medium", after(6 * HOUR))


def test_a_call_that_nobody_took_keeps_the_promise_and_ends_the_trouble() -> None:
    assert changes("callback_missed", [promised(), called(5 * HOUR, reached=False), tick(TOPIC, 3 * DAY)]) == []
    late = [promised(), tick(TOPIC, 8 * HOUR), called(9 * HOUR, reached=False)]
    assert changes("callback_missed", late) == ["opened", "resolved"]


def test_the_next_day_it_is_serious_and_after_a_week_it_is_given_up() -> None:
    ticks = [tick(TOPIC, 6 * HOUR + days * DAY) for days in (0.1, 1.1, 7.1)]
    found = told("callback_missed", [promised(), *ticks]).issues
    assert [(one.change, one.severity) for one in found[:2]] == [("opened", "medium"), ("updated", "high")]
    assert found[-1].change == "resolved"


def test_the_silence_of_the_care_feed_is_no_missed_call() -> None:
    assert changes("callback_missed", [promised(), tick("orders.v1", 9 * DAY)]) == []


def test_a_question_is_told_after_twelve_hours_and_an_answer_ends_it() -> None:
    assert changes("unanswered_mention", [wrote(0), tick(TOPIC, 11 * HOUR)]) == []
    waiting = [wrote(0), tick(TOPIC, 12 * HOUR)]
    assert changes("unanswered_mention", waiting) == ["opened"]
    assert changes("unanswered_mention", [*waiting, answered(13 * HOUR)]) == ["opened", "resolved"]
    assert changes("unanswered_mention", [wrote(0), answered(2 * HOUR), tick(TOPIC, 9 * DAY)]) == []


def test_what_asks_nothing_needs_an_answer_only_when_it_is_said_again_soon() -> None:
    assert changes("unanswered_mention", [wrote(0, "thanks"), tick(TOPIC, 3 * DAY)]) == []
    again = [wrote(0, "still nothing"), wrote(HOUR, "still nothing"), tick(TOPIC, 14 * HOUR)]
    assert changes("unanswered_mention", again) == ["opened", "opened"]
    later = [wrote(0, "thanks"), wrote(4 * DAY, "thanks again"), tick(TOPIC, 6 * DAY)]
    assert changes("unanswered_mention", later) == []


def test_questions_are_told_by_their_mark_in_other_scripts_too() -> None:
    for text in ("متى تصل؟", "いつ届きますか？", "¿cuándo llega?"):
        assert changes("unanswered_mention", [wrote(0, text), tick(TOPIC, DAY)]) == ["opened"]


def test_who_was_talked_to_since_has_their_answer() -> None:
    closed = CareContactClosed(
        id="x",
        source="t",
        subject="c-1",
        time=after(15 * HOUR) + timedelta(0),
        data=CareContactClosedData(contact_id="k"),
    )
    assert changes("unanswered_mention", [wrote(0), tick(TOPIC, 14 * HOUR), closed]) == ["opened", "resolved"]
    assert changes("unanswered_mention", [wrote(0), closed, tick(TOPIC, 5 * DAY)]) == []
