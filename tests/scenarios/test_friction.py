"""A customer who does not get in, does not get on, or has to wait."""

from datetime import timedelta

import pytest

from detectors.scenes import after, tick
from models.events.base import Event
from models.events.checkout_step import CheckoutStep, CheckoutStepData
from models.events.error_shown import ErrorShown, ErrorShownData
from models.events.login_attempted import LoginAttempted, LoginAttemptedData
from models.events.request_timed import RequestTimed, RequestTimedData
from tests.told import changes, told


def login(minute: float, *, works: bool = False) -> Event:
    data = LoginAttemptedData(succeeded=works)
    return LoginAttempted(id=f"l-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def error(minute: float) -> Event:
    return ErrorShown(id=f"e-{minute}", source="t", subject="c-1", time=after(minute), data=ErrorShownData(code="502"))


def step(minute: float, name: str = "address", checkout: str = "K", *, accepted: bool = False) -> Event:
    data = CheckoutStepData(checkout_id=checkout, step=name, accepted=accepted)
    return CheckoutStep(id=f"s-{minute}-{checkout}", source="t", subject="c-1", time=after(minute), data=data)


def answer(number: int, seconds: float, operation: str = "GET /a") -> Event:
    data = RequestTimedData(operation=operation, duration_s=seconds)
    return RequestTimed(id=f"r-{number}", source="t", subject="c-1", time=after(number / 4), data=data)


def test_the_fourth_failed_login_opens_and_one_that_works_ends_it() -> None:
    tries = [login(minute) for minute in (0, 1, 2, 3)]
    opened, resolved = told("login_trouble", [*tries, login(4, works=True)]).issues
    assert (opened.change, opened.at, opened.object) == ("opened", after(3), "login-2013-02-08")
    assert (resolved.change, resolved.evidence.actual) == ("resolved", "ended by success")
    assert opened.evidence.since == after(0)


def test_four_failed_logins_over_a_whole_day_are_no_trouble() -> None:
    assert changes("login_trouble", [login(minute) for minute in (0, 200, 400, 600)]) == []


def test_a_run_over_midnight_stays_one_trouble() -> None:
    night = 15 * 60
    found = told("login_trouble", [login(night + minute) for minute in (-3, -2, -1, 1, 2)]).issues
    assert {issue.object for issue in found} == {"login-2013-02-08"}


def test_silence_ends_a_run_and_another_day_is_another_trouble() -> None:
    first = [login(minute) for minute in range(4)]
    second = [login(24 * 60 + minute) for minute in range(4)]
    found = told("login_trouble", [*first, tick("telemetry.v1", 64), *second]).issues
    assert [issue.change for issue in found] == ["opened", "resolved", "opened"]
    assert found[0].object != found[2].object


def test_what_comes_late_is_counted_at_its_own_time() -> None:
    assert changes("login_trouble", [login(minute) for minute in (3, 0, 2, 1)]) == ["opened"]


@pytest.mark.parametrize(("pause", "expected"), [(2, ["opened"]), (3, [])])
def test_five_errors_count_only_within_ten_minutes(pause: int, expected: list[str]) -> None:
    assert changes("error_burst", [error(pause * number) for number in range(5)]) == expected


def test_errors_go_on_and_become_serious() -> None:
    issues = told("error_burst", [error(number / 2) for number in range(12)]).issues
    assert [issue.severity for issue in issues if issue.severity == "high"] == ["high"]


def test_another_step_of_the_checkout_counts_anew() -> None:
    events = [step(0), step(1), step(2, "delivery"), step(3, "delivery"), step(4, "address")]
    assert changes("stuck_checkout", events) == []


def test_passing_the_step_ends_it_and_another_checkout_does_not() -> None:
    stuck = [step(minute) for minute in range(3)]
    assert changes("stuck_checkout", [*stuck, step(3, checkout="K-2", accepted=True)]) == ["opened"]
    assert changes("stuck_checkout", [*stuck, step(3, "delivery", accepted=True)]) == ["opened"]
    assert changes("stuck_checkout", [*stuck, step(3, accepted=True)]) == ["opened", "resolved"]


def test_of_many_checkouts_the_oldest_is_let_go_and_resolved() -> None:
    events = [step(minute, checkout=f"K-{basket}") for basket in range(5) for minute in range(3)]
    issues = told("stuck_checkout", events).issues
    assert [issue.object for issue in issues if issue.change == "resolved"] == ["K-0", "K-1"]


def test_what_was_always_slow_is_no_trouble() -> None:
    assert changes("slow_experience", [answer(number, 6.0) for number in range(40)]) == []


def test_an_operation_that_is_new_to_the_customer_opens_nothing() -> None:
    known = [answer(number, 0.5) for number in range(9)]
    assert changes("slow_experience", [*known, *(answer(10 + n, 9.0, "GET /new") for n in range(5))]) == []
    assert changes("slow_experience", [*known, *(answer(10 + n, 9.0) for n in range(5))])[0] == "opened"


def test_three_quick_answers_end_slowness_and_it_does_not_become_usual() -> None:
    slow = [answer(10 + number, 9.0) for number in range(6)]
    quick = [answer(20 + number, 0.5) for number in range(3)]
    again = [answer(30 + number, 9.0) for number in range(4)]
    events = [*(answer(number, 0.5) for number in range(9)), *slow, *quick, *again]
    found = changes("slow_experience", events)
    assert [change for change in found if change != "updated"] == ["opened", "resolved", "opened"]


def test_the_story_of_slowness_opens_within_two_minutes_of_its_beginning() -> None:
    quick = [answer(number, 0.5) for number in range(9)]
    (issue,) = told("slow_experience", [*quick, *(answer(10 + number, 9.0) for number in range(4))]).issues
    assert issue.at - after(10 / 4) < timedelta(minutes=2)
