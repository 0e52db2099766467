"""What is recorded, never told: issues from before outreach began, and those that rest on a model that has drifted."""

from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold what its detector does not trust itself, and what was opened before `limits.outreach_from`."""
    if case.issue.shadowed:
        return Hold(reason="drifted")
    begins = case.limits.outreach_from
    if begins is not None and case.issue.opened_at < begins:
        return Hold(reason="before_outreach")
    return None
