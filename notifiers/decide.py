"""Tell or hold: a pure function of the issue, what the ledger knew, the limits, and the instant."""

from datetime import UTC, datetime

import msgspec

from models.decisions import Decision, Limits, Standing
from models.issues import Issue
from notifiers.case import Case, Finding, Hold, Rule, Wait
from notifiers.policy import (
    already_talking,
    canary,
    cap,
    consent,
    cooldown,
    quiet_hours,
    reachable,
    same_cause,
    shadow,
    still_true,
    told_already,
    too_old,
)
from notifiers.policy.record_not_caught_up import RecordNotCaughtUp, require_caught_up

__all__ = ["ALREADY_OPEN", "CHANNEL_RULES", "CLEAR", "CUSTOMER_RULES", "RecordNotCaughtUp", "ask", "decide"]

CUSTOMER_RULES: tuple[tuple[str, Rule], ...] = (
    ("canary", canary.rule),  # no customer at all
    ("shadow", shadow.rule),  # before the rest: what is only recorded needs no other reason
    ("still_true", still_true.rule),
    ("too_old", too_old.rule),
    ("already_talking", already_talking.rule),
    ("told_already", told_already.rule),
    ("same_cause", same_cause.rule),
    ("cooldown", cooldown.rule),
    ("cap", cap.rule),  # after those two: the reason nearer to the issue is the better one to read
)
CHANNEL_RULES: tuple[tuple[str, Rule], ...] = (
    ("consent", consent.rule),  # before the address: a no is a no, reachable or not
    ("reachable", reachable.rule),
    ("quiet_hours", quiet_hours.rule),  # last: it is the only one that lets time pass
)
CLEAR = "clear"
ALREADY_OPEN = "already_open"
"""The rule of a hold that is not about the customer: the same trouble is open under another issue."""


def decide(issue: Issue, standing: Standing, limits: Limits, now: datetime) -> Decision:
    """What to do about an issue at `now` (aware).

    Rules about the customer first, then the channels in order of preference: the first that may speak before the
    issue expires is taken. A rule that raises holds, by name. Raises `RecordNotCaughtUp` when the ledger is behind
    the issue, `ValueError` when `now` has no zone. The same arguments give an equal decision, for ever.
    """
    if now.tzinfo is None:
        raise ValueError("the instant of a decision needs a zone")
    require_caught_up(issue, standing)
    case = Case(issue=issue, standing=standing, limits=limits, now=now.astimezone(UTC), channel="")
    held = ask(CUSTOMER_RULES, case)
    if held is not None:
        return _hold(case, *held)
    refused: list[tuple[str, Hold | Wait]] = []
    for channel in limits.channels_for(issue.detector):
        on_channel = msgspec.structs.replace(case, channel=channel)
        found = ask(CHANNEL_RULES, on_channel)
        if found is None or (isinstance(found[1], Wait) and found[1].until < too_old.expires_at(issue, limits)):
            return _tell(on_channel, found)
        refused.append(found)
    return _hold(case, *refused[0]) if refused else _hold(case, "reachable", Hold(reason="no_channel"))


def ask(rules: tuple[tuple[str, Rule], ...], case: Case) -> tuple[str, Hold | Wait] | None:
    """The first finding with the name of its rule, or None. Fails closed: a rule that raises is a hold."""
    for name, rule in rules:
        finding = _finding(rule, case)
        if finding is not None:
            return name, finding
    return None


def _finding(rule: Rule, case: Case) -> Finding:
    try:
        return rule(case)
    except Exception:  # whatever it is: a rule that could not look has not allowed anything
        return Hold(reason="rule_failed")


def _tell(case: Case, waits: tuple[str, Hold | Wait] | None) -> Decision:
    rule, reason, not_before = CLEAR, CLEAR, case.now
    if waits is not None and isinstance(waits[1], Wait):
        rule, reason, not_before = waits[0], waits[1].reason, waits[1].until
    return Decision(
        issue=case.issue,
        standing=case.standing,
        limits=case.limits,
        decided_at=case.now,
        verdict="tell",
        rule=rule,
        reason=reason,
        channel=case.channel,
        not_before=not_before,
        expires_at=too_old.expires_at(case.issue, case.limits),
    )


def _hold(case: Case, rule: str, finding: Hold | Wait) -> Decision:
    return Decision(
        issue=case.issue,
        standing=case.standing,
        limits=case.limits,
        decided_at=case.now,
        verdict="hold",
        rule=rule,
        reason=finding.reason,
    )
