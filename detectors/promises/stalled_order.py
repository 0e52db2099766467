"""Trouble: an order does not move any more, and nobody said when its next step would be."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.events.order_step import OrderStep, OrderStepData
from models.events.promise_changed import PromiseChanged
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MOST_ORDERS = 5


class StalledParams(Params, frozen=True):
    """How long an order may stand still: `share` of the whole time that was promised, within `floor_s` and `longest_s`.

    Two days without news are a weekend, and nobody expects a table that is made in six weeks to move every day; but
    when half of the promised time went by without a sign, the promise is at risk and the customer begins to wonder.
    Ten days of silence are too long whatever was promised. And when `left` of the time went by that was left to the
    promise at its last step, the promise can hardly be kept.
    """

    floor_s: Annotated[float, Meta(ge=600.0, le=5184000.0)] = 3 * DAY_S
    longest_s: float = 10 * DAY_S
    share: Annotated[float, Meta(ge=0.01, le=5.0)] = 0.5
    left: Annotated[float, Meta(ge=0.01, le=1.0)] = 0.75
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 2.0


class Standing(msgspec.Struct, array_like=True):
    """An order without a plan: when it moved last, its promise, and how long it may stand still now and `most`."""

    moved: int
    promised: int
    most: int
    allowed: int
    step: str = ""


class StalledState(State):
    """Orders without a plan. `moves` once any of them moved: this customer's orders do tell of their steps."""

    orders: dict[str, Standing] = {}
    moves: bool = False


class StalledOrder(Detector[StalledParams, StalledState]):
    """For orders without planned steps, until their promise: all others are watched by `late_delivery`."""

    name = "stalled_order"
    listens_to = (OrderPlaced, OrderStep, OrderDelivered, OrderCancelled, PromiseChanged)
    begins_with = (OrderPlaced,)
    clock = ("orders.v1",)
    params_type = StalledParams
    state_type = StalledState
    floor = "three days without any step, and half of the promised time or three quarters of what is left of it"
    warm_up = "one step of any order of this customer's: where steps are not told, silence says nothing"

    def observe(self, state: StalledState, event: Event, moment: Moment) -> Iterable[Output]:
        """Whatever happens to it is a sign of life."""
        if type(event) is OrderPlaced:
            return () if event.data.steps else self._placed(state, event.data, int(moment.now))
        if not isinstance(event, OrderStep | OrderDelivered | OrderCancelled | PromiseChanged):
            return ()
        order = state.orders.get(event.data.order_id)
        if order is None:
            return ()
        if isinstance(event, OrderStep):
            return self._moved(state, event.data, int(moment.now))
        if isinstance(event, PromiseChanged) and not event.data.steps:
            self._promise(order, event.data.promised_by.timestamp(), int(moment.now))
            return [over(event.data.order_id, "promised anew")]
        return self._gone(state, event.data.order_id, "planned" if isinstance(event, PromiseChanged) else "ended")

    def due(self, state: StalledState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """Whether it stands still by now. Behind its promise it is late, which `late_delivery` tells."""
        name, order = alarm.object, state.orders.get(alarm.object)
        if order is None:
            return ()
        if moment.now >= order.promised:
            del state.orders[name]
            return (over(name, "promise passed"),)
        still_s = moment.now - order.moved
        if still_s < order.allowed:
            return (Alarm(name, min(order.moved + order.allowed, order.promised)),)
        following = order.moved + order.allowed * (1 + int(still_s // order.allowed))
        return (self._reading(state, name, order, still_s), Alarm(name, min(following, order.promised)))

    def evidence(self, state: StalledState, reading: Reading, moment: Moment) -> Evidence:
        """What came last, and when."""
        order = state.orders.get(reading.object)
        facts = {"order_id": reading.object, "stage": reading.stage}
        if order is None or reading.over:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        step = order.step.replace("_", " ") or "placed"
        facts |= {"step": step, "promised_by": instant(order.promised).isoformat()}
        return Evidence(
            since=instant(order.moved),
            expected=f"a step within {round(order.allowed / DAY_S)} days",
            actual=f"nothing for {round((moment.now - order.moved) / DAY_S)} days, since it was {step}",
            factors=reading.factors(),
            facts=facts,
        )

    def _placed(self, state: StalledState, data: OrderPlacedData, now: int) -> list[Output]:
        name = data.order_id
        said: list[Output] = [over(name, "placed anew")] if state.orders.pop(name, None) is not None else []
        order = state.orders[name] = Standing(now, 0, 0, 0)
        self._promise(order, data.promised_by.timestamp(), now)
        said.append(Alarm(name, max(now + 1, min(now + order.allowed, order.promised))))
        while len(state.orders) > MOST_ORDERS:
            said += self._gone(state, next(iter(state.orders)), "forgotten")
        return said

    def _promise(self, order: Standing, promised: float, now: int) -> None:
        order.promised, order.most = (
            int(promised),
            int(min(self.params.share * (promised - now), self.params.longest_s)),
        )
        self._sign_of_life(order, now)

    def _moved(self, state: StalledState, data: OrderStepData, now: int) -> list[Output]:
        """The alarm is moved when it rings; an episode, if one is open, ends here."""
        order = state.orders[data.order_id]
        stood_still = now - order.moved >= order.allowed
        self._sign_of_life(order, max(now, order.moved))
        order.step, state.moves = data.step[:40], True
        return [over(data.order_id, "moving")] if stood_still else []

    def _sign_of_life(self, order: Standing, now: int) -> None:
        order.moved = now
        order.allowed = int(max(self.params.floor_s, min(order.most, self.params.left * (order.promised - now))))

    @staticmethod
    def _gone(state: StalledState, name: str, look: str) -> list[Output]:
        return [] if state.orders.pop(name, None) is None else [over(name, look), Cancel(name)]

    def _reading(self, state: StalledState, name: str, order: Standing, still_s: float) -> Reading:
        times = still_s / order.allowed
        score = self.params.steepness * (times - 0.9)
        return Reading(
            object=name,
            look="still",
            score=score,
            probability=probability(score),
            severity="high" if times >= 2.0 else "medium",
            horizon=float(order.promised),
            stage="still",
            warm=state.moves,
            features=({"times_allowed": times},),
        )

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Confirmed, and then nothing for nine days of the sixteen that were promised."""
        return [_placed(), _step(60), scenes.tick("orders.v1", 9 * 1440)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """A step every five days, and it arrives; another order never moves, and its promise passes."""
        day, moves = 1440, [60, 5 * 1440, 10 * 1440]
        events: list[Event] = [_placed(), *(_step(minute) for minute in moves), scenes.tick("orders.v1", 12 * day)]
        arrived = OrderDelivered(
            id="d", source="shop", subject=scenes.CUSTOMER, time=scenes.after(15 * day),
            data=OrderDeliveredData(order_id="T-8"),
        )  # fmt: skip
        soon = _placed("T-9", days=18, at=15 * day + 1)
        return [*events, arrived, soon, scenes.tick("orders.v1", 30 * day)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """It stands still for longer and longer."""
        return [[_placed(), _step(60), scenes.tick("orders.v1", days * 1440)] for days in (8.2, 10, 12, 15)]


def _placed(order: str = "T-8", days: float = 16, at: float = 0) -> OrderPlaced:
    data = OrderPlacedData(order_id=order, promised_by=scenes.START + timedelta(days=days))
    return OrderPlaced(id=f"{order}-placed", source="shop", subject=scenes.CUSTOMER, time=scenes.after(at), data=data)


def _step(minute: float) -> OrderStep:
    data = OrderStepData(order_id="T-8", step="confirmed")
    return OrderStep(id=f"s-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data)
