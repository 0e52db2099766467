"""No look-ahead on real orders: what happens after an instant changes no reading made until then."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from desk.offline import House
from desk.sources.feed import feed
from desk.sources.olist import Olist
from models.events.base import Event
from models.events.order_placed import OrderPlaced
from models.signals import Signal

UNTIL = datetime(2017, 12, 1, tzinfo=UTC)
"""Of the purchases: the scramble lies in Black Friday."""
SINCE = datetime(2017, 9, 20, tzinfo=UTC)
"""Earlier orders are left out: enough is learned from two months of them."""
AFTER = datetime(2017, 11, 24, 12, tzinfo=UTC)
END = AFTER + timedelta(days=14)
"""By then the scramble has come out; what is read later can say no more of what was read before it began."""
LEARNED = {"ahead_d", "margin_d"}
"""Of the values that models are learned from: what readings under a model carry."""


@pytest.fixture(scope="module")
def events(recorded_data: Path) -> list[Event]:
    events = list(Olist(recorded_data, until=UNTIL).events())
    early = {event.data.order_id for event in events if isinstance(event, OrderPlaced) and event.time < SINCE}
    return [event for event in events if getattr(event.data, "order_id", "") not in early]  # type: ignore[attr-defined]


def read(events: Iterable[Event]) -> list[Signal]:
    sent = feed((event for event in events if event.time < END), 2, Olist.beat, topics=["orders.v1", "care.v1"])
    return [signal for outputs in House(2, keep_signals=True).run(sent) for signal in outputs.signals]


def scrambled(events: Iterable[Event]) -> list[Event]:
    """All that becomes known later comes nine days later still; later orders share one seller and a far promise."""
    return sorted((_changed(event) if event.time > AFTER else event for event in events), key=lambda event: event.time)


def _changed(event: Event) -> Event:
    if isinstance(event, OrderPlaced):
        far = event.data.promised_by + timedelta(days=40)
        other = msgspec.structs.replace(event.data, promised_by=far, entities={"seller": "one", "lane": "SP>SP"})
        return msgspec.structs.replace(event, data=other)
    return msgspec.structs.replace(event, time=event.time + timedelta(days=9))


def key(signal: Signal) -> tuple[str, str, datetime, float]:
    return signal.object, signal.look, signal.at, signal.score


def test_what_happens_later_changes_no_reading_made_until_then(events: list[Event]) -> None:
    real, other = read(events), read(scrambled(events))
    until = sorted(key(signal) for signal in real if signal.at <= AFTER)
    assert until == sorted(key(signal) for signal in other if signal.at <= AFTER)
    assert len(until) > 10_000
    learned = [signal for signal in real if signal.at <= AFTER and LEARNED & signal.features.keys()]
    assert {signal.detector for signal in learned} == {"late_delivery", "will_complain"}
    later = {key(signal) for signal in real if signal.at > AFTER}
    assert len(later - {key(signal) for signal in other}) > 0.3 * len(later), "the scramble must matter"
