"""Short histories of one order, for the detectors that follow orders."""

from datetime import UTC, datetime, timedelta

from models.events.base import Event
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.tick import Tick, TickData

DEPARTS = datetime(2013, 2, 8, 15, 0, tzinfo=UTC)
ARRIVES = DEPARTS + timedelta(hours=3)
CUSTOMER, ORDER = "c-1", "A-17"


def placed() -> Event:
    """A day before."""
    data = OrderPlacedData(
        order_id=ORDER,
        promised_by=ARRIVES,
        steps=[PlannedStep(name="departed", due=DEPARTS)],
        entities={"airport": "EWR", "carrier": "UA"},
    )
    return OrderPlaced(id="placed", source="story", subject=CUSTOMER, time=DEPARTS - timedelta(days=1), data=data)


def departed(minutes: float) -> Event:
    """So many minutes after it should."""
    data = OrderStepData(order_id=ORDER, step="departed")
    return OrderStep(id="departed", source="story", subject=CUSTOMER, time=_after(minutes), data=data)


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


def _after(minutes: float) -> datetime:
    return DEPARTS + timedelta(minutes=minutes)
