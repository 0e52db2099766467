"""Short histories of one order, for the detectors that follow orders."""

from datetime import UTC, datetime, timedelta

from detectors.context.fading import half_life_s
from models.events.base import Event
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.tick import Tick, TickData

DEPARTS = datetime(2013, 2, 8, 15, 0, tzinfo=UTC)
ARRIVES = DEPARTS + timedelta(hours=3)
CUSTOMER, ORDER = "c-1", "A-17"


def placed(customer: str = CUSTOMER) -> Event:
    """A day before."""
    data = OrderPlacedData(
        order_id=ORDER,
        promised_by=ARRIVES,
        steps=[PlannedStep(name="departed", due=DEPARTS)],
        entities={"airport": "EWR", "carrier": "UA", "airport_carrier": "EWR-UA", "gate": "A7"},
    )
    return OrderPlaced(id="placed", source="story", subject=customer, time=DEPARTS - timedelta(days=1), data=data)


def departed(minutes: float, customer: str = CUSTOMER) -> Event:
    """So many minutes after it should."""
    data = OrderStepData(order_id=ORDER, step="departed")
    return OrderStep(id="departed", source="story", subject=customer, time=_after(minutes), data=data)


def delivered(minutes: float) -> Event:
    """So many minutes after the departure that was planned."""
    data = OrderDeliveredData(order_id=ORDER)
    return OrderDelivered(id="delivered", source="story", subject=CUSTOMER, time=_after(minutes), data=data)


def tick(minutes: float, topic: str = "orders.v1") -> Event:
    """The only partition of a source has been read so far."""
    data = TickData(source_topic=topic, source_partition=0, source_partitions=1)
    return Tick(id="tick", source="ingest", subject="tick", time=_after(minutes), data=data)


def never_leaves() -> list[Event]:
    """An hour after the planned departure it is still there."""
    return [placed(), *(tick(minutes) for minutes in (-180, -60, 0, 20, 46, 60))]


def arrives() -> list[Event]:
    """Ten minutes late away, in time there."""
    return [placed(), *(tick(minutes) for minutes in (-180, -60, 5)), departed(10), tick(60), delivered(178), tick(300)]


def worse_and_worse() -> list[list[Event]]:
    """An hour before departure more and more others are late; then it is itself still there, longer and longer."""
    others = [[placed(), *known(share), tick(-60)] for share in (0.0, 0.2, 0.5, 0.9)]
    itself = [[placed(), *known(0.9), tick(-60), tick(minutes)] for minutes in (46, 90, 170, 230)]
    return others + itself


def known(share: float, cases: float = 40.0) -> list[Event]:
    """What context says of the airport and the carrier: such a share of the last cases were late. Fog, too."""
    lately = {f"{name}/{window}": share for name in ("late", "slow") for window in ("30min", "1h", "3h")}
    minutes = {f"late_min/{window}": 60.0 * share for window in ("30min", "1h", "3h")}
    usual = {"late/14d": 0.2, "delivered_late/14d": 0.2}
    sums = {
        name: FadingSum(half_life_s=half_life_s(name.partition("/")[2]), weight=cases, total=cases * mean)
        for name, mean in (lately | minutes | usual).items()
    }
    data = ContextUpdatedData(sums=sums, measures={"visibility_mi": 0.5})
    return [
        ContextUpdated(id=f"known-{entity}", source="context", subject=entity, time=_after(-70), data=data)
        for entity in ("airport:EWR", "carrier:UA")
    ]


def _after(minutes: float) -> datetime:
    return DEPARTS + timedelta(minutes=minutes)
