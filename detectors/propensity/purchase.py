"""An order as `will_complain` remembers it, until the customer has said how it was.

Whole seconds since 1970 and hundredths: small numbers take little room in a customer's state.
"""

from math import nan

import msgspec

from detectors.detector import State
from detectors.entities import short
from models.events.order_placed import OrderPlacedData

KINDS = ("shop", "state", "seller", "category")
"""The shared entities that are kept, where an order has them."""

MEASURES = ("items", "sellers", "freight", "weight_g", "photos", "description_length")
"""What is kept of an order's numbers, in this order."""

MOST = 1e9
"""A number beyond is taken for unknown."""

MOST_ORDERS = 8
ROOM_BYTES = 1_000
"""For the orders of one customer, with their alarms and episodes; the newest one always has its place."""

BESIDE_BYTES = 40
"""What an alarm and an episode take, beside the order's id in each."""


class Purchase(msgspec.Struct, array_like=True):
    """`step` and `due` are of the first planned step, `moved` when it was reached, `acted` when any step was (0: not).

    `decided` is when P(complaint) was given; from then on the customer's word is waited for.
    """

    placed: int
    promised: int
    entities: dict[str, str]
    amount_minor: int
    hundredths: list[int | None]
    step: str = ""
    due: int = 0
    acted: int = 0
    moved: int = 0
    delivered: int = 0
    decided: int = 0

    def measures(self) -> list[float]:
        """In the order of `MEASURES`; NaN where unknown."""
        return [nan if one is None else one / 100.0 for one in self.hundredths]


class WillComplainState(State):
    """Orders by id, the longest known first."""

    orders: dict[str, Purchase] = {}

    def overflow(self) -> list[str]:
        """Take out orders for which there is no room, decided ones and the longest known first; their ids."""
        gone: list[str] = []
        while len(self.orders) > 1 and (len(self.orders) > MOST_ORDERS or self._size() > ROOM_BYTES):
            oldest = next((name for name, one in self.orders.items() if one.decided), next(iter(self.orders)))
            del self.orders[oldest]
            gone.append(oldest)
        return gone

    def _size(self) -> int:
        beside = sum(2 * len(order_id.encode()) + BESIDE_BYTES for order_id in self.orders)
        return beside + len(msgspec.msgpack.encode(self))


def purchase(data: OrderPlacedData, placed: float) -> Purchase:
    """A new order."""
    first = min(data.steps, key=lambda step: step.due, default=None)
    return Purchase(
        int(placed),
        int(data.promised_by.timestamp()),
        {kind: short(data.entities[kind]) for kind in KINDS if kind in data.entities},
        data.amount_minor,
        [_hundredths(data.measures.get(name)) for name in MEASURES],
        "" if first is None else short(first.name),
        0 if first is None else int(first.due.timestamp()),
    )


def _hundredths(value: float | None) -> int | None:
    return None if value is None or abs(value) > MOST else round(value * 100.0)
