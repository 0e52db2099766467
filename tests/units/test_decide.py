"""The decision as a whole: its order, its failing closed, and that it recomputes from its own record."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import assume, given, settings

import notifiers.decide
from models.decisions import Decision, Limits, Standing
from models.issues import Issue
from models.notifications import OutboxState
from notifiers.case import Case, Finding
from notifiers.decide import RecordNotCaughtUp, decide
from notifiers.recheck import RULES, Ruling, recheck
from tests import notifier_cases as cases
from tests.notifier_cases import NOW, issue, standing, told


def made(now: datetime = NOW, limits: Limits | None = None, **known: object) -> Decision:
    return decide(issue(), standing(**known), limits or Limits(), now)


def test_a_clear_case_is_told_at_once_on_the_first_channel_until_it_expires() -> None:
    decision = made()
    assert (decision.verdict, decision.rule, decision.reason, decision.channel) == ("tell", "clear", "clear", "email")
    assert (decision.not_before, decision.expires_at) == (NOW, NOW + timedelta(hours=3))


def test_a_hold_names_its_rule_and_promises_no_time() -> None:
    decision = made(consent={})
    assert (decision.verdict, decision.rule, decision.reason) == ("hold", "consent", "consent_unknown")
    assert (decision.channel, decision.not_before, decision.expires_at) == ("", None, None)


@settings(max_examples=300)
@given(any_issue=cases.issues(), known=cases.standings(), limits=cases.limits(), now=cases.instants())
def test_a_decision_recomputes_bit_for_bit_from_its_record(
    any_issue: Issue, known: Standing, limits: Limits, now: datetime
) -> None:
    assume(known.journal_next > any_issue.journal_offset)
    decision = decide(any_issue, known, limits, now)
    raw = msgspec.json.encode(decision)
    read = msgspec.json.decode(raw, type=Decision)
    again = decide(read.issue, read.standing, read.limits, read.decided_at)
    assert again == decision
    assert msgspec.json.encode(again) == raw


@settings(max_examples=300)
@given(any_issue=cases.issues(), known=cases.standings(), limits=cases.limits(), now=cases.instants())
def test_whatever_the_case_only_consented_reachable_timely_news_is_told(
    any_issue: Issue, known: Standing, limits: Limits, now: datetime
) -> None:
    assume(known.journal_next > any_issue.journal_offset)
    decision = decide(any_issue, known, limits, now)
    if decision.verdict == "hold":
        assert decision.rule != "clear"
        return
    consent = known.consent
    assert consent[decision.channel if decision.channel in consent else "*"] is True
    assert decision.channel in (*known.reachable, "record")
    assert not known.resolved
    if known.open_contacts:
        assert known.last_contact_at is not None
        assert now - known.last_contact_at >= limits.open_contact_holds
    assert decision.not_before is not None
    assert decision.expires_at is not None
    assert now <= decision.not_before < decision.expires_at <= any_issue.opened_at + limits.time_to_live
    assert len([one for one in known.told if now - one.at < timedelta(days=1)]) < limits.cap_per_day


def test_the_record_must_have_passed_the_issue() -> None:
    for behind in (0, 40, 41):
        with pytest.raises(RecordNotCaughtUp, match="2/41"):
            made(journal_next=behind)
    assert made(journal_next=42).verdict == "tell"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        made(datetime(2013, 2, 8, 15))  # noqa: DTZ001 - what is refused


def test_the_same_instant_in_another_zone_is_the_same_decision() -> None:
    assert msgspec.json.encode(made(NOW.astimezone(timezone(timedelta(hours=5))))) == msgspec.json.encode(made(NOW))


@pytest.mark.parametrize("table", ["CUSTOMER_RULES", "CHANNEL_RULES"])
def test_a_rule_that_raises_holds_by_its_name(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: Case) -> Finding:
        raise ZeroDivisionError(case.issue.customer_id)

    for name, rule in getattr(notifiers.decide, table):
        one_broken = tuple((n, broken if n == name else r) for n, r in getattr(notifiers.decide, table))
        monkeypatch.setattr(notifiers.decide, table, one_broken)
        decision = made()
        assert (decision.verdict, decision.rule, decision.reason) == ("hold", name, "rule_failed")
        monkeypatch.setattr(notifiers.decide, table, tuple((n, rule if n == name else r) for n, r in one_broken))


def test_an_issue_at_the_end_of_time_holds_instead_of_failing() -> None:
    endless = issue(opened_at=datetime(9999, 12, 31, 23, tzinfo=UTC), horizon=None)
    decision = decide(endless, standing(), Limits(), NOW)
    assert (decision.verdict, decision.rule, decision.reason) == ("hold", "too_old", "rule_failed")


def test_the_next_channel_speaks_when_the_first_may_not() -> None:
    limits = Limits(channels=("sms", "email"))
    assert made(limits=limits, consent={"*": True}).channel == "email"
    assert made(limits=limits, consent={"*": True}, reachable=["sms", "email"]).channel == "sms"
    assert made(limits=limits, consent={"sms": True}).reason == "no_address"
    assert made(limits=Limits(channels=())).reason == "no_channel"


def test_at_night_a_ringing_channel_waits_for_the_morning_unless_that_is_too_late() -> None:
    late = NOW.replace(hour=11)  # six in the morning in New York
    sms = Limits(channels=("sms",), time_to_live=timedelta(hours=40))
    reached = standing(consent={"*": True}, reachable=["sms", "email"])
    lasting = issue(opened_at=late, horizon=None)
    waits = decide(lasting, reached, sms, late)
    assert (waits.verdict, waits.rule, waits.not_before) == ("tell", "quiet_hours", NOW.replace(hour=13))
    urgent = issue(opened_at=late, horizon=NOW.replace(hour=13))
    assert decide(urgent, reached, sms, late).reason == "quiet_hours"
    both = msgspec.structs.replace(sms, channels=("sms", "email"))
    assert decide(urgent, reached, both, late).channel == "email"


CHANGES: list[tuple[Standing, datetime, Ruling]] = [
    (standing(consent={"email": False}), NOW, Ruling(state=OutboxState.SUPPRESSED, rule="consent", reason="opted_out")),
    (standing(consent={}), NOW, Ruling(state=OutboxState.SUPPRESSED, rule="consent", reason="consent_unknown")),
    (standing(reachable=[]), NOW, Ruling(state=OutboxState.SUPPRESSED, rule="reachable", reason="no_address")),
    (standing(resolved=True), NOW, Ruling(state=OutboxState.CANCELLED, rule="still_true", reason="resolved")),
    (
        standing(open_contacts=2),
        NOW,
        Ruling(state=OutboxState.CANCELLED, rule="already_talking", reason="open_contact"),
    ),
    (standing(), NOW + timedelta(hours=3), Ruling(state=OutboxState.EXPIRED, rule="too_old", reason="expired")),
    (
        standing(told=[told(at=NOW), told(issue_id="i-9", at=NOW)]),
        NOW,
        Ruling(state=OutboxState.SUPPRESSED, rule="cap", reason="day_full"),
    ),
]


@pytest.mark.parametrize(("known", "now", "ruling"), CHANGES)
def test_what_changed_since_the_decision_is_found_before_the_send(
    known: Standing, now: datetime, ruling: Ruling
) -> None:
    assert recheck(made(), known, now) == ruling


def test_nothing_changed_means_send_and_the_notification_does_not_count_against_itself() -> None:
    itself = told(issue_id="i-1", at=NOW)
    one_other = told(issue_id="i-0", at=NOW)
    assert recheck(made(), standing(told=[itself]), NOW) is None
    assert recheck(made(), standing(told=[itself, one_other]), NOW) is None


def test_a_sender_that_slept_into_the_night_waits_for_the_morning() -> None:
    limits = Limits(channels=("sms",), time_to_live=timedelta(hours=40))
    reached = standing(consent={"sms": True}, reachable=["sms"])
    decision = decide(issue(horizon=None), reached, limits, NOW)
    night = datetime(2013, 2, 9, 3, tzinfo=UTC)
    morning = datetime(2013, 2, 9, 13, tzinfo=UTC)
    waits = Ruling(state=OutboxState.PENDING, rule="quiet_hours", reason="quiet_hours", not_before=morning)
    assert recheck(decision, reached, night) == waits
    hasty = decide(issue(horizon=morning), reached, limits, NOW)
    assert recheck(hasty, reached, night) == Ruling(state=OutboxState.EXPIRED, rule="quiet_hours", reason="quiet_hours")


def test_a_rule_that_raises_before_the_send_suppresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: Case) -> Finding:
        raise RuntimeError(case.channel)

    monkeypatch.setattr("notifiers.recheck.RULES", tuple((name, broken, state) for name, _, state in RULES[:1]))
    assert recheck(made(), standing(), NOW) == Ruling(
        state=OutboxState.SUPPRESSED, rule="consent", reason="rule_failed"
    )


def test_only_a_decision_to_tell_is_checked_again() -> None:
    with pytest.raises(ValueError, match="to tell"):
        recheck(made(consent={}), standing(), NOW)


def test_a_detector_may_have_channels_and_a_time_of_its_own() -> None:
    limits = Limits(
        detector_channels={"late_delivery": ("in_app", "email")},
        detector_time_to_live={"late_delivery": timedelta(minutes=15)},
    )
    yes = standing(consent={"*": True}, reachable=["email"])
    told = decide(issue(horizon=None), yes, limits, NOW)
    assert (told.verdict, told.channel) == ("tell", "in_app")
    assert told.expires_at == issue().opened_at + timedelta(minutes=15)
    by_mail = decide(issue(horizon=None), standing(consent={"*": True, "in_app": False}), limits, NOW)
    assert (by_mail.verdict, by_mail.channel) == ("tell", "email")
    other = decide(issue(detector="payment_retry_loop", horizon=None), yes, limits, NOW)
    assert (other.channel, other.expires_at) == ("email", issue().opened_at + limits.time_to_live)
    none_left = decide(issue(), yes, Limits(detector_channels={"late_delivery": ()}), NOW)
    assert (none_left.verdict, none_left.reason) == ("hold", "no_channel")
