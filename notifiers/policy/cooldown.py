"""The same kind of news is not repeated soon, and the same issue never."""

from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold an issue told before, and any within `limits.cooldown` of a notification of the same detector.

    A notification that is dated after `now` (clocks differ) counts as just told.
    """
    if any(one.issue_id == case.issue.issue_id for one in case.standing.told):
        return Hold(reason="told_before")
    same = (one for one in case.standing.told if one.detector == case.issue.detector)
    if any(case.now - one.at < case.limits.cooldown for one in same):
        return Hold(reason="told_recently")
    return None
