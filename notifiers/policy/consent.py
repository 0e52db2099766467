"""Only customers who said yes are told. What is not known is a no."""

from models.events.profile_changed import EVERY_CHANNEL
from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold unless the newest word about this channel or about all of them is a yes.

    What is on record for a channel is newer than what is for all: the ledger forgets the older (`ledger.remembering`).
    """
    said = case.standing.consent
    allowed = said.get(case.channel, said.get(EVERY_CHANNEL))
    if allowed is None:
        return Hold(reason="consent_unknown")
    return None if allowed else Hold(reason="opted_out")
