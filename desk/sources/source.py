"""What every source of events offers, and how it tells the truth it knows but never sends."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from models.errors import OperatorError
from models.events.address_changed import AddressChanged
from models.events.base import Event


class SourceMissing(OperatorError):
    """The data of a source cannot be read. Operator action: the message names the package or file to provide."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What really became of one object (an order, a series of payments). For scores only: detection never sees it."""

    customer_id: str
    object: str
    """Empty when it is about the customer as a whole (logins, errors, slowness): then `began_at` tells which one."""
    detector: str
    """The detector whose trouble this is, such as `late_delivery`."""
    trouble: bool
    felt_at: datetime
    """A warning told before this instant came before the customer could know (a flight: its scheduled departure)."""
    promised_by: datetime
    ended_at: datetime | None = None
    """When it ended (arrival, payment that succeeded); None when it never did."""
    cancelled: bool = False
    began_at: datetime | None = None
    """When what made the trouble began; None where the object alone says which one it is."""
    called_at: datetime | None = None
    """When the customer turned to us about it themselves; None when they never did."""


class Source(Protocol):
    """A finite history. Every call starts anew and gives the same."""

    name: str

    def events(self) -> Iterator[Event]:
        """All events in the order in which they became known; `time` never goes back."""

    def addresses(self) -> Iterator[AddressChanged]:
        """Where to reach each customer, in time order, each no later than the customer's first event."""

    def truth(self) -> Iterator[Truth]:
        """What really happened, one per object that could have had trouble."""
