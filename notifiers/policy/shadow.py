"""Issues from before outreach began are recorded, never told: a service that starts up does not speak of last week."""

from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold what was opened before `limits.outreach_from`; without that instant nothing is shadow."""
    begins = case.limits.outreach_from
    if begins is not None and case.issue.opened_at < begins:
        return Hold(reason="before_outreach")
    return None
