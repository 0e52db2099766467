"""Trouble: the customer had to cancel an order and place it again to get what they wanted."""

from collections.abc import Iterable
from typing import Annotated
from zlib import crc32

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.instants import instant
from models.issues import Evidence

HOUR_S, DAY_S = 3_600.0, 86_400.0
MOST_ORDERS, MOST_ITEMS = 4, 5


class RebuyParams(Params, frozen=True):
    """An order takes the place of a cancelled one when both lie within `window_s` and share `alike` of their things.

    Who buys the same within three days wanted the thing, and not the order: its price, its day, its address or its way
    to pay was wrong. A second time around (`again` logits) nothing of ours let them put it right. It is told for
    `settles_s`: then they have what they wanted.
    """

    window_s: Annotated[float, Meta(ge=HOUR_S, le=30 * DAY_S)] = 3 * DAY_S
    alike: Annotated[float, Meta(ge=0.1, le=1.0)] = 0.6
    again: Annotated[float, Meta(ge=0.0, le=10.0)] = 1.5
    settles_s: Annotated[float, Meta(ge=HOUR_S, le=30 * DAY_S)] = 2 * DAY_S


class Bought(msgspec.Struct, array_like=True):
    """Checksums of its things, when it was placed and, if it was, cancelled; `rounds` orders it takes the place of."""

    things: list[int]
    placed: int
    amount_minor: int
    cancelled: int = 0
    rounds: int = 0


class RebuyState(State):
    """The last orders by id, the oldest first."""

    orders: dict[str, Bought] = {}


class CancelAndRebuy(Detector[RebuyParams, RebuyState]):
    """Either may come first, the new order or the end of the old one. What the seller called off is left to others."""

    name = "cancel_and_rebuy"
    listens_to = (OrderPlaced, OrderCancelled)
    begins_with = (OrderPlaced,)
    clock = ("orders.v1",)
    params_type = RebuyParams
    state_type = RebuyState
    floor = "an order cancelled by the customer, and the same things ordered within three days"
    warm_up = "none: both orders are the customer's own"

    def observe(self, state: RebuyState, event: Event, moment: Moment) -> Iterable[Output]:
        """An order placed or cancelled."""
        if type(event) is OrderPlaced:
            return self._placed(state, event.data, int(moment.now))
        if isinstance(event, OrderCancelled):
            return self._cancelled(state, event.data, int(moment.now))
        return ()

    def due(self, state: RebuyState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002 - nothing left
        """They have what they wanted."""
        return (over(alarm.object, "settled"),)

    def evidence(self, state: RebuyState, reading: Reading, moment: Moment) -> Evidence:
        """Which order took the place of which."""
        order = state.orders.get(reading.object)
        facts = {"order_id": reading.object, "stage": reading.stage}
        if order is None or reading.over:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        former = next((one for one in reversed(self._gone_before(state, order)) if one != reading.object), "")
        return Evidence(
            since=instant(min(int(moment.now), order.placed)),
            expected="an order that needs no second one",
            actual=f"the same things ordered {order.rounds + 1} times, and cancelled {order.rounds}",
            factors=reading.factors(),
            facts=facts
            | {"cancelled": former, "rounds": str(order.rounds), "cheaper": _cheaper(state.orders.get(former), order)},
        )

    def _placed(self, state: RebuyState, data: OrderPlacedData, now: int) -> list[Output]:
        name = short(data.order_id)
        if not data.items or name in state.orders:
            return []
        things = sorted({crc32(item.encode()) for item in data.items})[:MOST_ITEMS]
        order = state.orders[name] = Bought(things, now, data.amount_minor)
        said: list[Output] = []
        while len(state.orders) > MOST_ORDERS:
            oldest = next(iter(state.orders))
            if state.orders.pop(oldest).rounds:
                said += (over(oldest, "forgotten"), Cancel(oldest))
        former = self._gone_before(state, order)
        return [*said, *(self._again(state, name, former[-1]) if former else [_alone(name)])]

    def _cancelled(self, state: RebuyState, data: OrderCancelledData, now: int) -> list[Output]:
        name = short(data.order_id)
        order = state.orders.get(name)
        if order is None or order.cancelled:
            return []
        if data.by != "customer":
            del state.orders[name]
            return [over(name, "called off"), Cancel(name)] if order.rounds else []
        order.cancelled = now
        said: list[Output] = [over(name, "cancelled"), Cancel(name)] if order.rounds else []
        newer = [
            other
            for other, one in state.orders.items()
            if one.placed >= order.placed
            and not one.cancelled
            and not one.rounds
            and now - one.placed <= self.params.window_s
            and self._is_alike(one, order)
        ]
        return [*said, *(self._again(state, newer[-1], name) if newer else [])]

    def _gone_before(self, state: RebuyState, order: Bought) -> list[str]:
        """Orders of the same things that were cancelled shortly before or after this one was placed."""
        window_s = self.params.window_s
        return [
            name
            for name, one in state.orders.items()
            if one.cancelled and abs(order.placed - one.cancelled) <= window_s and self._is_alike(one, order)
        ]

    def _is_alike(self, one: Bought, other: Bought) -> bool:
        """Jaccard: what both hold, of what any of them holds."""
        if one is other:
            return False
        first, second = set(one.things), set(other.things)
        return len(first & second) >= self.params.alike * len(first | second)

    def _again(self, state: RebuyState, name: str, former: str) -> list[Output]:
        order, gone = state.orders[name], state.orders[former]
        order.rounds = gone.rounds + 1
        close = max(0.0, 1.0 - abs(order.placed - gone.cancelled) / self.params.window_s)
        score = 0.4 + close + self.params.again * (order.rounds - 1)
        reading = Reading(
            object=name,
            look="ordered",
            score=score,
            probability=probability(score),
            severity="medium" if order.rounds > 1 else "low",
            stage="again",
            features=({"rounds": float(order.rounds), "close": close},),
        )
        return [reading, Alarm(name, max(order.placed, gone.cancelled) + self.params.settles_s)]

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Ordered, cancelled two hours later, and ordered again ten minutes after."""
        return [_placed(0), _gone(120, 0), _placed(130)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Cancelled, and something else ordered; the same again after two weeks; one that the seller called off."""
        day = 1440
        other = [_placed(0), _gone(60, 0), _placed(90, "B-2"), _placed(14 * day), _placed(14 * day + 5, "C-1", "C-2")]
        return [
            *other,
            _gone(14 * day + 60, 14 * day + 5, by="seller"),
            _placed(14 * day + 90, "C-1", "C-2"),
            scenes.tick("orders.v1", 30 * day),
        ]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Not at all, late, soon, and twice."""
        once = [_placed(0), _gone(60, 0), _placed(70)]
        late = [*once[:2], _placed(60 + 2 * 1440)]
        return [[_placed(0)], late, once, [*once, _gone(80, 70), _placed(90)]]


def _cheaper(former: Bought | None, order: Bought) -> str:
    """`yes` when the new order came to less: then it may have been the price."""
    return "yes" if former is not None and 0 < order.amount_minor < former.amount_minor else "no"


def _alone(name: str) -> Reading:
    return Reading(object=name, look="ordered", score=-4.0, probability=probability(-4.0), stage="once")


def _placed(minute: int, *items: str) -> OrderPlaced:
    data = OrderPlacedData(
        order_id=f"A-{minute}", promised_by=scenes.after(minute + 5 * 1440), items=list(items or ("B-1",))
    )
    return OrderPlaced(id=f"o-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data)


def _gone(minute: int, order: int, by: str = "customer") -> OrderCancelled:
    data = OrderCancelledData(order_id=f"A-{order}", by="customer" if by == "customer" else "seller")
    return OrderCancelled(
        id=f"x-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data
    )
