"""No look-ahead with learning on: what happens after an instant changes nothing that was learned or said until then."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from desk.offline import House
from desk.sources.feed import feed
from desk.sources.flights import Flights
from detectors.learning.lesson import Boosted
from detectors.orders.flight_course import FLIGHT
from detectors.promises.late_delivery import LateDelivery, LateDeliveryParams
from models.events.base import Event
from models.events.example_frozen import ExampleFrozen
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_step import OrderStep
from models.signals import Signal

SINCE, AFTER = datetime(2013, 2, 7, 20, tzinfo=UTC), datetime(2013, 2, 8, 19, tzinfo=UTC)
UNTIL = datetime(2013, 2, 9, 1, tzinfo=UTC)
PARTITIONS = 2
EAGER = msgspec.structs.replace(
    FLIGHT.lesson, least=100, publish_every_s=3600.0,
    boosted=Boosted(every_s=2 * 3600.0, rounds=8, leaves=4, least_in_leaf=10),
)  # fmt: skip


class Eager(LateDelivery):
    """Learns within hours instead of months."""

    learns = (EAGER,)


def read(events: Iterable[Event]) -> tuple[list[Signal], list[ExampleFrozen]]:
    signals: list[Signal] = []
    frozen: list[ExampleFrozen] = []
    sent = feed(events, PARTITIONS, timedelta(minutes=1), topics=["orders.v1"])
    with House(PARTITIONS, detectors=[Eager(LateDeliveryParams())], keep_signals=True) as house:
        for outputs in house.run(sent):
            assert outputs.failures == []
            signals += outputs.signals
            frozen += [one for one in outputs.examples if isinstance(one, ExampleFrozen)]
    return signals, frozen


def scrambled(events: Iterable[Event]) -> list[Event]:
    """What becomes known after the instant happens hours later instead, so that good ends are bad ones."""
    return sorted((_changed(event) for event in events), key=lambda event: event.time)


def _changed(event: Event) -> Event:
    if event.time > AFTER and isinstance(event, OrderStep | OrderCancelled | OrderDelivered):
        return msgspec.structs.replace(event, time=event.time + timedelta(hours=3))
    return event


def said(signals: Iterable[Signal]) -> set[tuple[str, str, datetime, float]]:
    return {(one.object, one.look, one.at, one.probability) for one in signals}


def taught(frozen: Iterable[ExampleFrozen]) -> set[tuple[str, datetime, tuple[float, ...]]]:
    return {(one.data.object, one.time, tuple(one.data.values)) for one in frozen}


def test_what_happens_later_changes_nothing_learned_or_said_until_then() -> None:
    events = list(Flights(SINCE, UNTIL, in_full=True).events())
    (real, frozen), (other, frozen_other) = read(events), read(scrambled(events))
    until = [one for one in real if one.at <= AFTER]
    learned = [one for one in until if "ahead_min" in one.features]
    assert len(learned) > 200, "snapshots must be in force before the instant"
    assert said(until) == said(one for one in other if one.at <= AFTER)
    before = taught(one for one in frozen if one.time <= AFTER)
    assert before == taught(one for one in frozen_other if one.time <= AFTER)
    later = said(one for one in real if one.at > AFTER and "ahead_min" in one.features)
    assert len(later) > 200
    assert len(later - said(other)) > 0.3 * len(later), "the scramble must matter"
