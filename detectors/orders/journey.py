"""An order's way to its promise, as one customer's state keeps it. Times are seconds since 1970."""

import msgspec

from detectors.detector import State
from detectors.entities import short
from models.events.order_placed import OrderPlacedData, PlannedStep

MOST_STEPS = 8
MOST_ORDERS = 16
ROOM_BYTES = 1_700
"""For the open orders of one customer, with their alarms and episodes."""

BESIDE_BYTES = 80
"""What an alarm and an episode take, beside the order's id in each."""

NOTED_SLOW, NOTED_WAITING, NOTED_OVERDUE, NOTED_ENDED = 1, 2, 4, 8


class Planned(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step that was not reached yet. `by` is the kind of entity that answers for it; empty: all of them."""

    name: str
    due: float
    by: str = ""


class Journey(msgspec.Struct, array_like=True, gc=False):
    """One order that has not arrived.

    `steps` are those not reached, by due time. `lateness_s` is how late the last reached step was (0: on time or none
    was planned), `since` when this order's lateness began, `noted` what entities were already told of. `acted` is when
    its first step of any name was heard of, `reached_at` and `reached_due` are of the last planned one. What it is
    learned by (`taught.py`): its numbers in `measures`, as bits the looks taken (`looked`) and those that wait for a
    label (`frozen`).
    """

    placed: float
    promised: float
    entities: dict[str, str]
    steps: list[Planned]
    begun: bool = False
    lateness_s: float = 0.0
    since: float = 0.0
    noted: int = 0
    cancelled_at: float = 0.0
    acted: float = 0.0
    reached_at: float = 0.0
    reached_due: float = 0.0
    amount_minor: int = 0
    looked: int = 0
    frozen: int = 0
    measures: list[float] = []

    def reach(self, step: str, at: float) -> Planned | None:
        """Take the step as reached, and with it all that were due before. None when it was not planned or known."""
        self.acted = self.acted or at
        for place, planned in enumerate(self.steps):
            if planned.name == step:
                self.steps = self.steps[place + 1 :]
                self.begun = True
                self.reached_at, self.reached_due = at, planned.due
                late_s = at - planned.due
                if late_s > 0.0:
                    self.late_since(planned.due, late_s)
                    self.lateness_s = late_s
                else:
                    self.lateness_s = 0.0
                return planned
        return None

    def late_since(self, due: float, late_s: float) -> None:
        """Note the first deadline that was missed."""
        if late_s > 0.0 and self.since == 0.0:
            self.since = due

    def promise(self, promised: float, steps: list[PlannedStep]) -> None:
        """Another promise: what was late before does not count any more."""
        self.promised, self.noted = promised, self.noted & ~NOTED_OVERDUE
        self.since = self.lateness_s = 0.0
        if steps:
            self.steps = planned(steps)

    @property
    def next_due(self) -> float:
        """When the next step, or else the arrival, is planned."""
        return self.steps[0].due if self.steps else self.promised


class LateDeliveryState(State):
    """Open orders by id, the longest known first."""

    orders: dict[str, Journey] = {}

    def open_order(self, order_id: str) -> Journey | None:
        """The order, unless it is unknown or cancelled."""
        order = self.orders.get(order_id)
        return None if order is None or order.cancelled_at else order

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


def journey(data: OrderPlacedData, placed: float) -> Journey:
    """The way ahead of a new order. Names are cut to a length at which a dozen of them fit a customer's state."""
    entities = {short(kind): short(name) for kind, name in data.entities.items()}
    return Journey(placed, data.promised_by.timestamp(), entities, planned(data.steps))


def planned(steps: list[PlannedStep]) -> list[Planned]:
    """Steps by due time; the last ones when there are too many."""
    ways = [Planned(short(step.name), step.due.timestamp(), short(step.by)) for step in steps]
    if len(ways) > 1:
        ways.sort(key=lambda step: step.due)
    return ways[-MOST_STEPS:]
