"""What every rule promises, whichever it is: found by its file, in the order, pure, and silent about customers."""

import importlib
import pkgutil
import re
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import notifiers.policy
from models.decisions import Limits, Told
from models.issues import Issue
from models.notifications import OutboxState
from notifiers.case import Case, Finding, Hold, Rule, Wait
from notifiers.decide import CHANNEL_RULES, CUSTOMER_RULES
from notifiers.policy.quiet_hours import is_quiet
from notifiers.recheck import RULES as RECHECKED
from notifiers.zones import zone_named
from tests import notifier_cases as cases
from tests.notifier_cases import NOW, at_stage, case, issue, standing, told

FILES = sorted(one.name for one in pkgutil.iter_modules(notifiers.policy.__path__))
ORDER = [name for name, _ in (*CUSTOMER_RULES, *CHANNEL_RULES)]
RULES: dict[str, Rule] = dict((*CUSTOMER_RULES, *CHANNEL_RULES))
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
GRADES = st.sampled_from(["low", "medium", "high"])
ANY_CASE = st.builds(
    Case,
    issue=cases.issues(),
    standing=cases.standings(),
    limits=cases.limits(),
    now=cases.instants(),
    channel=st.sampled_from(cases.CHANNELS),
)


def test_every_file_is_a_rule_in_the_order_and_every_rule_a_file() -> None:
    assert sorted([*ORDER, "record_not_caught_up"]) == FILES
    for name, rule in RULES.items():
        assert importlib.import_module(f"notifiers.policy.{name}").rule is rule
    assert [(name, RULES[name]) for name, _, _ in RECHECKED] == [(name, rule) for name, rule, _ in RECHECKED]


def test_what_may_change_before_the_send_is_asked_again_and_ends_where_it_belongs() -> None:
    assert {name: state for name, _, state in RECHECKED} == {
        "canary": OutboxState.SUPPRESSED,
        "consent": OutboxState.SUPPRESSED,
        "reachable": OutboxState.SUPPRESSED,
        "cap": OutboxState.SUPPRESSED,
        "quiet_hours": OutboxState.SUPPRESSED,
        "still_true": OutboxState.CANCELLED,
        "already_talking": OutboxState.CANCELLED,
        "too_old": OutboxState.EXPIRED,
    }


@pytest.mark.parametrize("name", ORDER)
@given(any_case=ANY_CASE)
def test_a_rule_answers_alike_and_leaves_its_case_alone(name: str, any_case: Case) -> None:
    before = msgspec.json.encode(any_case)
    first, second = RULES[name](any_case), RULES[name](any_case)
    assert first == second
    assert msgspec.json.encode(any_case) == before
    assert first is None or re.fullmatch(r"[a-z_]{3,30}", first.reason)
    assert not isinstance(first, Wait) or first.until > any_case.now


@pytest.mark.parametrize("name", ORDER)
def test_a_plain_case_passes_every_rule(name: str) -> None:
    assert RULES[name](case()) is None


def after(*earlier: Told, found: Issue | None = None) -> Case:
    """The plain issue (or the one found), when these were told of the same order before."""
    said = [msgspec.structs.replace(one, object="A-17") for one in earlier]
    return case(issue=found or issue(), standing=standing(told=said))


def shared(cause: str, *earlier: Told, stage: str = "at_risk") -> Case:
    """An order in trouble by this cause, when these were told of other orders before."""
    found = at_stage(stage)
    facts = found.evidence.facts | ({"cause_id": cause} if cause else {})
    found = msgspec.structs.replace(found, evidence=msgspec.structs.replace(found.evidence, facts=facts))
    return case(issue=found, standing=standing(told=list(earlier)))


def talking(since: timedelta, limits: Limits | None = None) -> Case:
    """Support has two contacts open, the last one for so long."""
    return case(standing=standing(open_contacts=2, last_contact_at=NOW - since), limits=limits or Limits())


HOLDS: list[tuple[str, Case, str]] = [
    ("shadow", case(limits=Limits(outreach_from=NOW)), "before_outreach"),
    ("shadow", case(issue=issue(shadowed=True)), "drifted"),
    ("still_true", case(issue=issue(change="resolved")), "resolved"),
    ("still_true", case(standing=standing(resolved=True)), "resolved"),
    ("too_old", case(issue=issue(opened_at=NOW - timedelta(hours=6), horizon=None)), "expired"),
    ("too_old", case(issue=issue(horizon=NOW)), "expired"),
    ("already_talking", case(standing=standing(open_contacts=1)), "open_contact"),  # since when is not on record
    ("already_talking", talking(DAY * 7 - SECOND), "open_contact"),
    ("already_talking", talking(-DAY), "open_contact"),  # clocks differ
    ("already_talking", talking(timedelta(0)), "open_contact"),
    ("cooldown", case(standing=standing(told=[told(at=NOW - timedelta(hours=11))])), "told_recently"),
    ("cooldown", case(standing=standing(told=[told(at=NOW + timedelta(days=1))])), "told_recently"),
    ("cooldown", case(standing=standing(told=[told(issue_id="i-1", at=NOW - timedelta(days=6))])), "told_before"),
    ("told_already", after(told()), "told_already"),
    ("told_already", after(told(at=NOW - timedelta(days=300))), "told_already"),
    ("told_already", after(told(severity="high")), "told_already"),
    ("told_already", after(told(severity="")), "told_already"),  # how bad it was is not on record
    ("told_already", after(told(severity="low"), told(severity="medium")), "told_already"),
    ("told_already", after(told(stage="at_risk"), found=at_stage("waiting")), "told_already"),
    ("told_already", after(told(stage="overdue"), found=at_stage("late")), "told_already"),
    ("told_already", after(told(stage="late"), found=at_stage("at_risk", severity="high")), "told_already"),
    ("told_already", after(told(stage="at_risk", severity="high"), found=at_stage("late")), "told_already"),
    ("same_cause", shared("c-1", told(cause="c-1")), "same_cause"),
    ("same_cause", shared("c-1", told(cause="c-1", at=NOW - timedelta(days=30))), "same_cause"),
    ("same_cause", shared("c-1", told(cause="c-1", stage="late", severity="high"), stage="cancelled"), "same_cause"),
    ("cap", case(standing=standing(told=[told(at=NOW - timedelta(hours=h)) for h in (1, 23)])), "day_full"),
    ("cap", case(standing=standing(told=[told(at=NOW - timedelta(days=d)) for d in (2, 3, 4, 6)])), "week_full"),
    ("consent", case(standing=standing(consent={})), "consent_unknown"),
    ("consent", case(standing=standing(consent={"sms": True})), "consent_unknown"),
    ("consent", case(standing=standing(consent={"email": False})), "opted_out"),
    ("consent", case(standing=standing(consent={"*": False})), "opted_out"),
    ("consent", case(standing=standing(consent={"*": False, "sms": True})), "opted_out"),
    ("consent", case(standing=standing(consent={"*": True, "email": False})), "opted_out"),
    ("reachable", case(standing=standing(reachable=["sms"])), "no_address"),
    ("quiet_hours", case(channel="sms", standing=standing(zone="")), "zone_unknown"),
    ("quiet_hours", case(channel="sms", standing=standing(zone="Not/AZone")), "zone_unknown"),
]


@pytest.mark.parametrize(("name", "held", "reason"), HOLDS)
def test_a_rule_holds_what_it_is_for(name: str, held: Case, reason: str) -> None:
    assert RULES[name](held) == Hold(reason=reason)


PASSES: list[tuple[str, Case]] = [
    ("shadow", case(limits=Limits(outreach_from=NOW - timedelta(minutes=1)))),
    ("too_old", case(issue=issue(opened_at=NOW - timedelta(hours=5, minutes=59), horizon=None))),
    ("too_old", case(issue=issue(horizon=NOW - timedelta(hours=1)))),  # felt when found: the time to live counts
    ("cooldown", case(standing=standing(told=[told(at=NOW - timedelta(hours=12))]))),
    ("cooldown", case(standing=standing(told=[told(detector="payment_retry_loop", at=NOW)]))),
    ("already_talking", talking(DAY * 7)),
    ("already_talking", talking(SECOND, Limits(open_contact_holds=SECOND))),
    ("told_already", case(standing=standing(told=[told()]))),  # another order
    ("told_already", after(told(detector="payment_retry_loop"))),
    ("told_already", after(told(severity="low"))),
    ("told_already", after(told(stage="at_risk"), found=at_stage("late"))),
    ("told_already", after(told(stage="waiting"), found=at_stage("cancelled", severity="high"))),
    ("same_cause", shared("c-1", told(cause="c-2"), told())),
    ("same_cause", shared("", told())),  # no cause is not a cause of its own
    ("same_cause", shared("c-1", told(cause="c-1", detector="payment_retry_loop"))),
    ("same_cause", shared("c-1", told(cause="c-1", stage="at_risk"), stage="late")),
    ("same_cause", shared("c-1", told(cause="c-1", severity="low"))),
    ("cap", case(standing=standing(told=[told(at=NOW - timedelta(days=d)) for d in (0, 2, 6, 7)]))),
    ("consent", case(standing=standing(consent={"*": True}))),
    ("consent", case(standing=standing(consent={"*": True, "sms": False}))),
    ("consent", case(standing=standing(consent={"*": False, "email": True}))),  # said after the no to all
    ("reachable", case(channel="record", standing=standing(reachable=[]))),
    ("quiet_hours", case(standing=standing(zone=""))),  # e-mail does not ring
    ("quiet_hours", case(channel="sms")),  # ten in the morning in New York
    ("quiet_hours", case(channel="sms", now=NOW.replace(hour=3), limits=Limits(quiet_from_hour=9, quiet_until_hour=9))),
]


@pytest.mark.parametrize(("name", "passed"), PASSES)
def test_a_rule_lets_through_what_is_just_inside(name: str, passed: Case) -> None:
    assert RULES[name](passed) is None


@given(before=st.tuples(GRADES, st.sampled_from(cases.STAGES)), found=st.tuples(GRADES, st.sampled_from(cases.STAGES)))
def test_of_two_kinds_of_one_trouble_at_most_one_may_follow_the_other(
    before: tuple[str, str], found: tuple[str, str]
) -> None:
    def follows(first: tuple[str, str], second: tuple[str, str]) -> bool:
        earlier = told(severity=first[0], stage=first[1])
        return RULES["told_already"](after(earlier, found=at_stage(second[1], severity=second[0]))) is None

    assert not (follows(before, found) and follows(found, before))
    assert not follows(before, before)


def test_quiet_hours_wait_for_the_customers_morning() -> None:
    night = NOW.replace(hour=3)  # ten in the evening in New York
    finding: Finding = RULES["quiet_hours"](case(channel="sms", now=night))
    zone = zone_named("America/New_York")
    assert finding == Wait(reason="quiet_hours", until=NOW.replace(hour=13))
    assert zone is not None
    assert is_quiet(night, zone, 21, 8)
