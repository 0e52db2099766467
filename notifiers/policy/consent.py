"""Only customers who said yes are told. What is not known is a no."""

from notifiers.case import Case, Hold

EVERY_CHANNEL = "*"


def rule(case: Case) -> Hold | None:
    """Hold on a no to this channel or to all (either wins over any yes), and without a yes to one of both."""
    said = case.standing.consent
    answers = [said[key] for key in (EVERY_CHANNEL, case.channel) if key in said]
    if not answers:
        return Hold(reason="consent_unknown")
    if not all(answers):
        return Hold(reason="opted_out")
    return None
