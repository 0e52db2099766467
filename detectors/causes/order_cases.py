"""Orders that take days as cases: still open at shares of the way or not, handed over in time or not.

A delivery is known before a lateness is. So an order that arrived is remembered until its shares of the way are past,
and counts as good only then, beside those that are bad by then: else every calm Sunday would look like a wave.
"""

from collections.abc import Iterable
from math import inf

import msgspec

from detectors.detector import Params, State, Watcher
from detectors.entities import short
from detectors.orders.journey import Planned, planned
from detectors.readings import Alarm, Cancel, Case, Moment, Output
from models.events.base import Event
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_placed import OrderPlaced
from models.events.order_step import OrderStep
from models.events.promise_changed import PromiseChanged

FAMILY = "orders_days"
MOST_ORDERS = 6
MOST_ENTITIES = 6
ROOM_BYTES = 480
"""For the orders of one customer with their alarms; an order whose names are longer than that is not followed."""


class OrderCasesParams(Params, frozen=True):
    """`from_s`: only orders with so long a way. `shares` of the way at which it is looked at, the last one its end."""

    from_s: float = 2 * 86_400.0
    shares: tuple[float, ...] = (0.4, 0.6, 0.8, 1.0)
    grace_s: float = 900.0


class Way(msgspec.Struct, array_like=True, gc=False):
    """One order's way. Instants in seconds since 1970; `arrived` infinite: not yet."""

    placed: float
    promised: float
    entities: dict[str, str]
    step: Planned | None = None
    taken: int = 0
    bad: bool = False
    arrived: float = inf


class OrderCasesState(State):
    """Orders by id, the longest known first."""

    orders: dict[str, Way] = {}


class OrderCases(Watcher[OrderCasesParams, OrderCasesState]):
    """Follows every order with a way of days and with entities."""

    name = "order_cases"
    listens_to = (OrderPlaced, OrderStep, OrderDelivered, OrderCancelled, PromiseChanged)
    begins_with = (OrderPlaced,)
    clock = ("orders.v1",)
    params_type = OrderCasesParams
    state_type = OrderCasesState

    def observe(self, state: OrderCasesState, event: Event, moment: Moment) -> Iterable[Output]:
        """Follow the order."""
        if isinstance(event, OrderPlaced):
            return self._placed(state, event, moment.now)
        if not isinstance(event, OrderStep | OrderDelivered | OrderCancelled | PromiseChanged):
            return ()
        order_id = event.data.order_id
        way = state.orders.get(order_id)
        if way is None:
            return ()
        if isinstance(event, OrderStep):
            return self._stepped(way, event.data.step, moment.now)
        if isinstance(event, OrderDelivered):
            way.arrived = min(way.arrived, moment.now)
            return ()
        if isinstance(event, PromiseChanged):
            way.promised = max(event.data.promised_by.timestamp(), moment.now)
            return (Alarm(order_id, max(self._next(way), moment.now + 1.0)),)
        del state.orders[order_id]
        return (Cancel(order_id),)

    def due(self, state: OrderCasesState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """What became of the order by now."""
        way, said = state.orders.get(alarm.object), list[Output]()
        if way is None:
            return said
        step, now = way.step, moment.now
        if step is not None and now >= step.due + self.params.grace_s:
            way.step = None
            said.append(self._case(way, "step", bad=way.arrived > step.due))
        while way.taken < len(self.params.shares) and now >= (at := self._at(way, way.taken)):
            said.append(self._case(way, f"way{way.taken}", bad=way.arrived > at))
            way.taken += 1
        following = self._next(way)
        if following == inf:
            del state.orders[alarm.object]
        else:
            said.append(Alarm(alarm.object, max(following, alarm.at + 1.0)))
        return said

    def _placed(self, state: OrderCasesState, event: OrderPlaced, now: float) -> list[Output]:
        data, promised = event.data, event.data.promised_by.timestamp()
        if promised - now < self.params.from_s or not data.entities:
            return []
        entities = {short(kind): short(name) for kind, name in list(data.entities.items())[:MOST_ENTITIES]}
        steps = planned(data.steps)
        way = Way(now, promised, entities, steps[-1] if steps else None)
        state.orders.pop(data.order_id, None)
        state.orders[data.order_id] = way
        said: list[Output] = [Alarm(data.order_id, self._next(way))]
        while len(state.orders) > MOST_ORDERS or (state.orders and _size(state) > ROOM_BYTES):
            oldest = next(iter(state.orders))
            del state.orders[oldest]
            said.append(Cancel(oldest))
        return said

    def _stepped(self, way: Way, step: str, now: float) -> list[Output]:
        if way.step is None or way.step.name != step:
            return []
        late, way.step = now >= way.step.due + self.params.grace_s, None
        return [self._case(way, "step", bad=late)]

    def _case(self, way: Way, look: str, *, bad: bool) -> Case:
        first, way.bad = bad and not way.bad, way.bad or bad
        return Case(FAMILY, look, float(bad), way.entities, first)

    def _at(self, way: Way, share: int) -> float:
        return way.placed + self.params.shares[share] * (way.promised - way.placed)

    def _next(self, way: Way) -> float:
        """The next instant to look at it; infinite: none."""
        following = self._at(way, way.taken) if way.taken < len(self.params.shares) else inf
        return following if way.step is None else min(following, way.step.due + self.params.grace_s)


def _size(state: OrderCasesState) -> int:
    """Bytes of the state, and of an alarm for each order."""
    return len(msgspec.msgpack.encode(state)) + sum(len(order_id.encode()) + 12 for order_id in state.orders)
