"""A trouble that is over is not announced."""

from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold when the issue itself says resolved, or the ledger already knows the episode's end."""
    if case.issue.change == "resolved" or case.standing.resolved:
        return Hold(reason="resolved")
    return None
