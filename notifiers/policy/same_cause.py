"""One cause, one message: who was told of it for one order is not told again for the next, unless that fares worse."""

from notifiers.case import Case, Hold

SEVERITIES = {"": 2, "low": 0, "medium": 1, "high": 2}
CERTAIN = frozenset({"overdue", "late", "cancelled"})
"""Stages that say what did happen, no longer what may."""


def rule(case: Case) -> Hold | None:
    """Hold when this detector has told the customer of the same cause, however long ago, while it lasts.

    A cause that closed and opened again is another one. Not held: an order of which it is certain by now, when before
    it was only likely, or one of a higher severity.
    """
    issue = case.issue
    if not issue.cause:
        return None
    same = [one for one in case.standing.told if (one.detector, one.cause) == (issue.detector, issue.cause)]
    if not same or all(_is_worse(case, one.severity, one.stage) for one in same):
        return None
    return Hold(reason="same_cause")


def _is_worse(case: Case, severity: str, stage: str) -> bool:
    certain = case.issue.stage in CERTAIN and stage not in CERTAIN
    return certain or SEVERITIES[case.issue.severity] > SEVERITIES[severity]
