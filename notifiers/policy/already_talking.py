"""While a person of ours talks to the customer, a machine does not interrupt."""

from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold while support has a contact of this customer open."""
    return Hold(reason="open_contact") if case.standing.open_contacts > 0 else None
