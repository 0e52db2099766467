"""Visits to the simulated shop: signing in, looking around, putting an order together, and what can go wrong there."""

from datetime import datetime

from desk.sources.shop_diary import Diary, days, minutes, seconds
from models.events.checkout_ended import CheckoutEnded, CheckoutEndedData
from models.events.checkout_step import CheckoutStep, CheckoutStepData
from models.events.error_shown import ErrorShown, ErrorShownData
from models.events.login_attempted import LoginAttempted, LoginAttemptedData
from models.events.request_timed import LONGEST_S, RequestTimed, RequestTimedData

TROUBLE_SHARE = 0.04
"""Of each kind, per visit."""

ANSWER_S = {"GET /home": 0.5, "GET /search": 0.9, "GET /item": 0.6}
STEPS = ("basket", "shipping_address", "delivery")
ERRORS = ("502", "504", "basket_unavailable")


def visits(diary: Diary, joins: datetime, _end: datetime) -> None:
    """Two, the second a few days after the first."""
    pace = diary.about(1.0, 0.35)
    for number, at in enumerate((joins + minutes(diary.between(5, 600)), joins + days(diary.between(1.5, 5)))):
        at = _sign_in(diary, at)
        at = _look_around(diary, at, pace, may_be_slow=number > 0)
        at = _errors(diary, at)
        _checkout(diary, at, f"{diary.customer}-k{number}")


def _sign_in(diary: Diary, at: datetime) -> datetime:
    """Each try fails for one in ten; some do not get in at all, and go on without."""
    began, stuck = at, diary.hits(TROUBLE_SHARE)
    failures = int(diary.rng.integers(4, 10)) if stuck else int(diary.rng.geometric(0.9)) - 1
    for _ in range(failures):
        diary.write(LoginAttempted, at, LoginAttemptedData(succeeded=False, reason="wrong_password"))
        at += seconds(diary.between(15, 90))
    if stuck:
        diary.troubled("login_trouble", "", began, minutes(diary.about(25, 0.8)))
    else:
        diary.write(LoginAttempted, at, LoginAttemptedData(succeeded=True))
        diary.untroubled("login_trouble", "", began, at, at)
    return at + seconds(20)


def _look_around(diary: Diary, at: datetime, pace: float, *, may_be_slow: bool) -> datetime:
    """A dozen answers or more; one in a hundred takes eight times as long, in an incident nearly all do."""
    began, slow = at, diary.hits(TROUBLE_SHARE) and may_be_slow
    for _ in range(int(diary.rng.integers(18, 28))):
        operation = str(diary.rng.choice(list(ANSWER_S)))
        took = diary.about(ANSWER_S[operation] * pace, 0.4)
        if slow and diary.has(0.9):
            took *= diary.between(8, 20)
        elif diary.has(0.01):
            took *= 8
        at += seconds(took)
        diary.write(RequestTimed, at, RequestTimedData(operation=operation, duration_s=min(took, LONGEST_S)))
        at += seconds(diary.between(4, 40))
    if slow:
        diary.troubled("slow_experience", "", began, minutes(diary.about(30, 0.7)))
    else:
        diary.untroubled("slow_experience", "", began, at, at)
    return at


def _errors(diary: Diary, at: datetime) -> datetime:
    """Now and then one; in an incident one after the other."""
    began, burst = at, diary.hits(TROUBLE_SHARE)
    for _ in range(int(diary.rng.integers(6, 13)) if burst else int(diary.rng.poisson(0.2))):
        diary.write(ErrorShown, at, ErrorShownData(code=str(diary.rng.choice(ERRORS)), page="basket"))
        at += seconds(diary.between(8, 70))
    if burst:
        diary.troubled("error_burst", "", began, minutes(diary.about(30, 0.8)))
    else:
        diary.untroubled("error_burst", "", began, at, at)
    return at


def _checkout(diary: Diary, at: datetime, checkout: str) -> None:
    """Each step is refused now and then; some customers never get beyond one of them."""
    stuck_at = int(diary.rng.integers(1, len(STEPS))) if diary.hits(TROUBLE_SHARE) else None
    began = at
    for number, step in enumerate(STEPS):
        stuck, at = number == stuck_at, at + seconds(diary.between(10, 90))
        began = at if stuck else began
        for _ in range(int(diary.rng.integers(4, 9)) if stuck else int(diary.rng.geometric(0.97)) - 1):
            data = CheckoutStepData(checkout_id=checkout, step=step, accepted=False, reason="not_accepted")
            diary.write(CheckoutStep, at, data)
            at += seconds(diary.between(20, 100))
        if stuck:
            diary.troubled("stuck_checkout", checkout, began, minutes(diary.about(30, 0.8)))
            break
        diary.write(CheckoutStep, at, CheckoutStepData(checkout_id=checkout, step=step, accepted=True))
    else:
        diary.untroubled("stuck_checkout", checkout, began, at, at)
    at += seconds(diary.between(10, 60))
    diary.write(CheckoutEnded, at, CheckoutEndedData(checkout_id=checkout, completed=stuck_at is None))
