"""A canary is no customer: its trouble is decided like anybody's, and never told."""

from models.canary import is_canary
from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold whatever a canary is troubled by."""
    return Hold(reason="canary") if is_canary(case.issue.customer_id) else None
