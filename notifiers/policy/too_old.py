"""A warning has an end: after it the message would be stale, or tell the customer what they already feel."""

from datetime import datetime

from models.decisions import Limits
from models.issues import Issue
from notifiers.case import Case, Hold


def expires_at(issue: Issue, limits: Limits) -> datetime:
    """The first instant at which the issue is no longer told.

    `time_to_live` (its detector's own, where there is one) after it was opened, or its horizon when that is sooner. A
    horizon at or before the opening does not count: such a trouble was felt when it was found, and being told of it is
    still worth something for a while.
    """
    end = issue.opened_at + limits.detector_time_to_live.get(issue.detector, limits.time_to_live)
    if issue.horizon is not None and issue.opened_at < issue.horizon < end:
        return issue.horizon
    return end


def rule(case: Case) -> Hold | None:
    """Hold from `expires_at` on."""
    return Hold(reason="expired") if case.now >= expires_at(case.issue, case.limits) else None
