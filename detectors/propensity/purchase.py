"""An order as `will_complain` remembers it, until the customer has said how it was. Times are seconds since 1970."""

from math import nan

import msgspec

from detectors.detector import State
from detectors.entities import short
from models.events.order_placed import OrderPlacedData

KINDS = ("shop", "state", "lane", "seller", "category")
"""The shared entities that are kept, where an order has them."""

MEASURES = ("items", "products", "sellers", "freight", "weight_g", "photos", "description_length")
"""What is kept of an order's numbers, in this order."""

MOST_ORDERS = 8
ROOM_BYTES = 700
"""For the orders of one customer, with their alarms and episodes; the newest one always has its place."""

BESIDE_BYTES = 60
"""What an alarm and an episode take, beside the order's id in each."""


class Purchase(msgspec.Struct, array_like=True):
    """`step` and `due` are of the first planned step, `moved` when it was reached, `acted` when any step was (0: not).

    `decided` is when P(complaint) was given; from then on the customer's word is waited for.
    """

    placed: float
    promised: float
    entities: dict[str, str]
    amount_minor: int
    measures: list[float]
    step: str = ""
    due: float = 0.0
    acted: float = 0.0
    moved: float = 0.0
    delivered: float = 0.0
    decided: float = 0.0


class WillComplainState(State):
    """Orders by id, the longest known first."""

    orders: dict[str, Purchase] = {}

    def overflow(self) -> list[str]:
        """Take out the orders, longest known first, for which there is no room; their ids."""
        gone: list[str] = []
        while len(self.orders) > 1 and (len(self.orders) > MOST_ORDERS or self._size() > ROOM_BYTES):
            oldest = next(iter(self.orders))
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
        placed,
        data.promised_by.timestamp(),
        {kind: short(data.entities[kind]) for kind in KINDS if kind in data.entities},
        data.amount_minor,
        [data.measures.get(name, nan) for name in MEASURES],
        "" if first is None else short(first.name),
        0.0 if first is None else first.due.timestamp(),
    )
