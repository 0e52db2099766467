"""The canary: a customer who does not exist, whose trouble shows that the whole way is open. Never told or counted."""

from typing import Final

PREFIX: Final = "beforehand:canary:"
"""How such customers are called; no real one may be."""

RULE: Final = "canary"
"""The rule that holds what is decided about them."""


def canary_of(number: int) -> str:
    """The canary of this number: each lies in a partition of its own or shares one."""
    return f"{PREFIX}{number}"


def is_canary(customer_id: str) -> bool:
    """Whether this is one: nothing may be sent to it, and no figure about customers counts it."""
    return customer_id.startswith(PREFIX)
