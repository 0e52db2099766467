"""What may have changed between the decision and the send, asked again inside the sender's claim."""

from datetime import UTC, datetime

import msgspec

from models.decisions import Decision, Standing
from models.notifications import OutboxState
from notifiers.case import Case, Rule, Wait
from notifiers.decide import ask
from notifiers.policy import already_talking, canary, cap, consent, quiet_hours, reachable, still_true, too_old

RULES: tuple[tuple[str, Rule, OutboxState], ...] = (
    ("consent", consent.rule, OutboxState.SUPPRESSED),
    ("still_true", still_true.rule, OutboxState.CANCELLED),
    ("too_old", too_old.rule, OutboxState.EXPIRED),
    ("already_talking", already_talking.rule, OutboxState.CANCELLED),
    ("cap", cap.rule, OutboxState.SUPPRESSED),
    ("reachable", reachable.rule, OutboxState.SUPPRESSED),
    ("quiet_hours", quiet_hours.rule, OutboxState.SUPPRESSED),
    ("canary", canary.rule, OutboxState.SUPPRESSED),  # no decision to tell one should have come this far
)


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """Where the outbox row goes instead of on the wire. PENDING comes with a later `not_before` (aware UTC)."""

    state: OutboxState
    rule: str
    reason: str
    not_before: datetime | None = None


def recheck(decision: Decision, standing_now: Standing, now: datetime) -> Ruling | None:
    """None: it may be sent at `now` (aware). The limits are those that the decision was made with.

    `standing_now.told` may hold this very notification: it does not count against itself. Raises ValueError on a
    decision that was not to tell, and on a `now` without a zone.
    """
    if decision.verdict != "tell" or now.tzinfo is None:
        raise ValueError("only a decision to tell is checked again, at an instant with a zone")
    others = [one for one in standing_now.told if one.issue_id != decision.issue.issue_id]
    case = Case(
        issue=decision.issue,
        standing=msgspec.structs.replace(standing_now, told=others),
        limits=decision.limits,
        now=now.astimezone(UTC),
        channel=decision.channel,
    )
    for name, rule, state in RULES:
        found = ask(((name, rule),), case)
        if found is not None:
            return _ruling(case, name, found[1].reason, state, found[1].until if isinstance(found[1], Wait) else None)
    return None


def _ruling(case: Case, rule: str, reason: str, state: OutboxState, until: datetime | None) -> Ruling:
    if until is None:
        return Ruling(state=state, rule=rule, reason=reason)
    if until >= too_old.expires_at(case.issue, case.limits):
        return Ruling(state=OutboxState.EXPIRED, rule=rule, reason=reason)
    return Ruling(state=OutboxState.PENDING, rule=rule, reason=reason, not_before=until)
