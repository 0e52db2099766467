"""One trouble, one message: a customer is told of the same thing again only when it has become another, worse thing."""

from models.decisions import Told
from models.issues import Issue
from notifiers.case import Case, Hold

SEVERITIES = {"low": 0, "medium": 1, "high": 2}
STAGES = {"overdue": 1, "late": 1, "cancelled": 2}
"""Stages that are other news: no longer what may happen but what did. All that are not named are the least."""


def rule(case: Case) -> Hold | None:
    """Hold when this detector has told of this very object, however long ago and under whichever issue.

    Unless it is worse in kind than each time before: of a higher severity or at a worse stage (`STAGES`), and less bad
    in neither. An earlier notification whose severity is not on record is taken for as bad as can be.
    """
    issue = case.issue
    same = (one for one in case.standing.told if (one.detector, one.object) == (issue.detector, issue.object))
    return None if all(_is_worse(issue, one) for one in same) else Hold(reason="told_already")


def _is_worse(issue: Issue, before: Told) -> bool:
    if not before.severity:
        return False
    severer = SEVERITIES[issue.severity] - SEVERITIES[before.severity]
    further = STAGES.get(issue.stage, 0) - STAGES.get(before.stage, 0)
    return severer >= 0 and further >= 0 and severer + further > 0
