"""The life of one paid order in the simulated shop, from its promise to its end, and whether that was trouble."""

from datetime import datetime, timedelta

import msgspec
import numpy as np

from desk.sources.shop_world import CARRIERS, REGIONS, SELLERS, Disruption, delay_at
from desk.sources.source import Truth
from models.events.base import Event
from models.events.care_contact_closed import CareContactClosed, CareContactClosedData
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.promise_changed import PromiseChanged, PromiseChangedData

SOURCE = "shop"
DUE_AFTER = {"packed": timedelta(hours=12), "handed_over": timedelta(hours=24), "at_depot": timedelta(hours=48)}
DONE_BY = {"packed": "seller", "handed_over": "seller", "at_depot": "carrier"}
PROMISED_AFTER = timedelta(hours=72)
TROUBLE_AFTER = timedelta(minutes=45)
"""A parcel this much later than its promise is trouble."""


class Life(msgspec.Struct, frozen=True):
    """What became of one order."""

    events: list[Event]
    truth: Truth


class OrderLife:
    """Plays one order: `play` once."""

    def __init__(self, customer: str, order: str, at: datetime, rng: np.random.Generator) -> None:
        self._customer, self._order, self._placed, self._rng = customer, order, at, rng
        self._events: list[Event] = []
        self._promised = at + PROMISED_AFTER
        self._asked: datetime | None = None
        self._seller, self._carrier = str(rng.choice(SELLERS)), str(rng.choice(CARRIERS))
        self._region = str(rng.choice(REGIONS))

    def play(self, amount: int, known: list[Disruption] | None) -> Life:
        """The whole life. 3 in 100 are cancelled by the customer; half of those hit very hard by the seller.

        `known` are the disruptions; None: nothing ever takes longer than it should.
        """
        rng, place = self._rng, self._placed
        self._place(amount)
        if rng.random() < 0.03:
            return self._cancel(place + timedelta(hours=float(rng.uniform(1, 11))), by_customer=True)
        held = delay_at(self._seller, place, known, rng)
        if held > timedelta(hours=60) and rng.random() < 0.5:
            return self._cancel(place + DUE_AFTER["handed_over"] + held / 2, by_customer=False)
        packed = place + timedelta(hours=float(rng.uniform(3, 11))) + held
        handed = packed + timedelta(hours=float(rng.uniform(2, 11)))
        self._step("packed", packed)
        self._step("handed_over", handed)
        depot = handed + timedelta(hours=float(rng.uniform(4, 16))) + delay_at(self._carrier, handed, known, rng)
        delivered = depot + timedelta(hours=float(rng.uniform(8, 24)))
        self._step("at_depot", depot)
        late = delivered - self._promised
        if late > timedelta(hours=24) and rng.random() < 0.15:
            self._change_promise(self._promised - timedelta(hours=6), delivered + timedelta(hours=6))
        return self._deliver(delivered)

    def _place(self, amount: int) -> None:
        steps = [
            PlannedStep(name=name, due=self._placed + after, by=DONE_BY[name]) for name, after in DUE_AFTER.items()
        ]
        entities = {"seller": self._seller, "carrier": self._carrier, "lane": f"{self._carrier}-{self._region}"}
        data = OrderPlacedData(
            order_id=self._order, promised_by=self._promised, steps=steps, entities=entities, amount_minor=amount
        )
        self._events.append(
            OrderPlaced(id=self._id("placed"), source=SOURCE, subject=self._customer, time=self._placed, data=data)
        )

    def _step(self, step: str, at: datetime) -> None:
        self._events.append(
            OrderStep(
                id=self._id(step),
                source=SOURCE,
                subject=self._customer,
                time=at,
                data=OrderStepData(order_id=self._order, step=step),
            )
        )

    def _change_promise(self, at: datetime, promised_by: datetime) -> None:
        self._promised = promised_by
        self._events.append(
            PromiseChanged(
                id=self._id("promise"),
                source=SOURCE,
                subject=self._customer,
                time=at,
                data=PromiseChangedData(order_id=self._order, promised_by=promised_by),
            )
        )

    def _cancel(self, at: datetime, *, by_customer: bool) -> Life:
        data = OrderCancelledData(order_id=self._order, by="customer" if by_customer else "seller")
        self._events.append(
            OrderCancelled(id=self._id("cancelled"), source=SOURCE, subject=self._customer, time=at, data=data)
        )
        return Life(self._events, self._truth(trouble=not by_customer, ended_at=at, cancelled=True))

    def _deliver(self, at: datetime) -> Life:
        self._events.append(
            OrderDelivered(
                id=self._id("delivered"),
                source=SOURCE,
                subject=self._customer,
                time=at,
                data=OrderDeliveredData(order_id=self._order),
            )
        )
        trouble = at >= self._promised + TROUBLE_AFTER
        if self._rng.random() < (0.4 if trouble else 0.01):
            asked = min(at, self._promised + timedelta(hours=float(self._rng.uniform(2, 24))))
            self._ask(asked, asked + timedelta(minutes=30))
            self._asked = asked if trouble else None  # others ask about something else
        return Life(self._events, self._truth(trouble=trouble, ended_at=at, cancelled=False))

    def _ask(self, at: datetime, until: datetime) -> None:
        name = f"{self._order}-question"
        opened = CareContactOpenedData(contact_id=name, via="phone", order_id=self._order)
        self._events.append(
            CareContactOpened(id=self._id("question"), source=SOURCE, subject=self._customer, time=at, data=opened)
        )
        self._events.append(
            CareContactClosed(
                id=self._id("answer"),
                source=SOURCE,
                subject=self._customer,
                time=until,
                data=CareContactClosedData(contact_id=name),
            )
        )

    def _id(self, suffix: str) -> str:
        return f"{self._order}-{suffix}"

    def _truth(self, *, trouble: bool, ended_at: datetime, cancelled: bool) -> Truth:
        return Truth(
            customer_id=self._customer, object=self._order, detector="late_delivery", trouble=trouble,
            felt_at=self._promised, promised_by=self._promised, ended_at=ended_at, cancelled=cancelled,
            called_at=self._asked,
        )  # fmt: skip
