"""Without an address there is nothing to say it to."""

from notifiers.case import Case, Hold

NEEDS_NO_ADDRESS = frozenset({"in_app", "record", "webhook"})
"""Channels that reach a customer's open session, the shop's own systems, or nobody."""


def rule(case: Case) -> Hold | None:
    """Hold when no address of the customer is known for this channel."""
    if case.channel in NEEDS_NO_ADDRESS or case.channel in case.standing.reachable:
        return None
    return Hold(reason="no_address")
