"""No customer hears from us more than so often, whatever the troubles."""

from datetime import timedelta

from notifiers.case import Case, Hold

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def rule(case: Case) -> Hold | None:
    """Hold when the notifications of the last 24 hours or 7 days, of all detectors and channels, fill the cap."""
    ages = [case.now - one.at for one in case.standing.told]
    if sum(age < DAY for age in ages) >= case.limits.cap_per_day:
        return Hold(reason="day_full")
    if sum(age < WEEK for age in ages) >= case.limits.cap_per_week:
        return Hold(reason="week_full")
    return None
