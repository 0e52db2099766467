"""No look-ahead: what happens after an instant changes no reading made until then (and does change later ones)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from desk.offline import House
from desk.sources.feed import feed
from desk.sources.flights import Flights
from models.events.base import Event
from models.events.entity_measured import EntityMeasured, EntityMeasuredData
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_step import OrderStep
from models.signals import Signal

SINCE, UNTIL = datetime(2013, 2, 7, 20, tzinfo=UTC), datetime(2013, 2, 9, 0, tzinfo=UTC)
BEAT = timedelta(minutes=1)
PARTITIONS = 2


def read(events: Iterable[Event]) -> list[Signal]:
    sent = feed(events, PARTITIONS, BEAT, topics=["orders.v1", "telemetry.v1"])
    return [signal for outputs in House(PARTITIONS, keep_signals=True).run(sent) for signal in outputs.signals]


def scrambled(events: Iterable[Event], after: datetime) -> list[Event]:
    """Everything that becomes known after the instant happens hours later instead; later storms are calm."""
    return sorted((_changed(event) if event.time > after else event for event in events), key=lambda event: event.time)


def _changed(event: Event) -> Event:
    if isinstance(event, EntityMeasured):
        calm = EntityMeasuredData(measures={**event.data.measures, "wind_mph": 0.0, "visibility_mi": 0.1})
        return msgspec.structs.replace(event, data=calm)
    if isinstance(event, OrderStep | OrderCancelled | OrderDelivered):
        return msgspec.structs.replace(event, time=event.time + timedelta(hours=3))
    return event


def key(signal: Signal) -> tuple[str, str, datetime, float]:
    return signal.object, signal.look, signal.at, signal.score


@pytest.mark.parametrize("after", [datetime(2013, 2, 8, 12, 17, tzinfo=UTC), datetime(2013, 2, 8, 17, tzinfo=UTC)])
def test_what_happens_later_changes_no_reading_made_until_then(after: datetime) -> None:
    events = list(Flights(SINCE, UNTIL).events())
    real, other = read(events), read(scrambled(events, after))
    until = sorted(key(signal) for signal in real if signal.at <= after)
    assert until == sorted(key(signal) for signal in other if signal.at <= after)
    assert len(until) > 1000
    later = {key(signal) for signal in real if signal.at > after}
    assert len(later - {key(signal) for signal in other}) > 0.3 * len(later), "the scramble must matter"
