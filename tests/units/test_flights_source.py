"""The flights source: figures of the whole year, the calendar's traps, and what is known when."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isfinite

import numpy as np
import pytest

from desk.sources.airport_weather import COLUMNS, measured
from desk.sources.flight_tables import NEVER, flight_table, weather_table
from desk.sources.flights import Flights
from models.events.catalogue import decode, encode
from models.events.entity_measured import EntityMeasured
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_placed import OrderPlaced
from models.events.order_step import OrderStep
from models.events.profile_changed import ProfileChanged


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def blizzard() -> Flights:
    return Flights(utc("2013-02-08T05:00"), utc("2013-02-09T05:00"))


def test_the_year_has_the_published_shares_of_trouble() -> None:
    truths = list(Flights().truth())
    assert len(truths) == 336_776
    assert sum(truth.trouble for truth in truths) / len(truths) == pytest.approx(0.1404, abs=5e-5)
    assert sum(truth.cancelled for truth in truths) == 8_255
    diverted = [truth for truth in truths if truth.ended_at is None and not truth.cancelled]
    assert len(diverted) == 1_175
    assert all(truth.trouble for truth in diverted)


def test_every_order_of_the_year_has_its_own_id() -> None:
    assert len({truth.object for truth in Flights().truth()}) == 336_776


def test_a_known_flight_has_its_instants_in_utc() -> None:
    placed = next(event for event in Flights(until=utc("2013-01-01T10:16")).events() if isinstance(event, OrderPlaced))
    assert placed.data.order_id == "UA1545-EWR-20130101"
    assert placed.time == utc("2012-12-31T10:15")
    assert [(step.name, step.due) for step in placed.data.steps] == [("departed", utc("2013-01-01T10:15"))]
    assert placed.data.promised_by == utc("2013-01-01T14:19"), "8:19 in Houston"
    assert placed.data.entities["airport"] == "EWR"
    assert placed.data.entities["airport_hour"] == "EWR-05"


def test_no_flight_taxies_longer_than_a_flight_can() -> None:
    table = flight_table()
    flown = (table.departed != NEVER) & (table.arrived != NEVER)
    away = (table.arrived - table.departed)[flown]
    assert away.min() > 20
    assert away.max() < 16 * 60


def test_a_night_on_which_clocks_change_does_not_shift_an_arrival() -> None:
    table = flight_table()
    blocks = {}
    for day in ("20131102", "20131103", "20131104"):
        rows = [row for row, found in enumerate(table.day) if found == day and table.destination[row] == "LAX"]
        blocks[day] = float(np.median((table.promised - table.due)[rows]))
    assert max(blocks.values()) - min(blocks.values()) <= 10


def test_events_stand_in_the_order_in_which_they_became_known(blizzard: Flights) -> None:
    assert all(former.time <= later.time for former, later in pairwise(blizzard.events()))


def test_events_repeat_exactly_and_survive_the_wire(blizzard: Flights) -> None:
    once = [encode(event) for event in blizzard.events()]
    assert once == [encode(event) for event in blizzard.events()]
    assert once == [encode(decode(raw)) for raw in once]
    assert len({decode(raw).id for raw in once}) == len(once)


def test_each_flight_is_one_order_of_one_consenting_customer(blizzard: Flights) -> None:
    count = Counter(type(event) for event in blizzard.events())
    truths = list(blizzard.truth())
    assert count[OrderPlaced] == count[ProfileChanged] == len(truths) == len(list(blizzard.addresses()))
    assert count[OrderCancelled] == sum(truth.cancelled for truth in truths) > 400
    assert count[OrderStep] == len(truths) - count[OrderCancelled]
    assert count[OrderDelivered] == sum(truth.ended_at is not None for truth in truths)
    profiles = [event for event in blizzard.events() if isinstance(event, ProfileChanged)]
    assert all(profile.data.consent == {"email": True} for profile in profiles)


def test_a_cancellation_is_known_one_hour_after_the_scheduled_departure(blizzard: Flights) -> None:
    due = {truth.object: truth.felt_at for truth in blizzard.truth()}
    cancelled = [event for event in blizzard.events() if isinstance(event, OrderCancelled)]
    assert all(event.time == due[event.data.order_id] + timedelta(hours=1) for event in cancelled)


def test_weather_is_known_one_hour_after_its_hour_began_and_names_its_units() -> None:
    first = next(event for event in Flights().events() if isinstance(event, EntityMeasured))
    assert first.time == utc("2013-01-01T07:00"), "the row of 6:00 UTC: its worst is known when the hour is over"
    assert first.subject == "airport:EWR"
    assert first.data.measures["wind_mph"] == pytest.approx(10.357, abs=1e-3)
    assert first.data.measures["gust_mph"] == 0.0
    units = ("_f", "_pct", "_deg", "_mph", "_in", "_hpa", "_mi")
    assert all(name.endswith(units) for name in COLUMNS.values())


def test_an_impossible_wind_is_left_out() -> None:
    year = [measured(row).data.measures for row in range(len(weather_table()))]
    assert len(year) == 26_115
    assert weather_table()["wind_speed"].max() > 1_000
    assert max(measures.get("wind_mph", 0.0) for measures in year) < 60
    assert all(isfinite(value) for measures in year for value in measures.values())


def test_addresses_stand_in_time_order_before_the_customers_order(blizzard: Flights) -> None:
    addresses = list(blizzard.addresses())
    placed = {event.subject: event.time for event in blizzard.events() if isinstance(event, OrderPlaced)}
    assert all(former.time <= later.time for former, later in pairwise(addresses))
    assert all(address.time <= placed[address.subject] for address in addresses)
    assert all(address.data.address.endswith("@example.org") for address in addresses)


def test_nothing_of_the_aircraft_is_sent(blizzard: Flights) -> None:
    placed = next(event for event in blizzard.events() if isinstance(event, OrderPlaced))
    assert "tail" not in str(placed.data.entities).lower()
    assert not hasattr(flight_table(), "tailnum")
