"""While a person of ours talks to the customer, a machine does not interrupt."""

from notifiers.case import Case, Hold


def rule(case: Case) -> Hold | None:
    """Hold while support has a contact of this customer open, until `limits.open_contact_holds` after the last began.

    Contacts get forgotten without being closed; without an end such a customer would never hear of us again.
    """
    standing = case.standing
    if not standing.open_contacts:
        return None
    last = standing.last_contact_at
    if last is not None and case.now - last >= case.limits.open_contact_holds:
        return None
    return Hold(reason="open_contact")
