"""What a flight is learned by: what it tells others, once each, and what is read of them."""

from datetime import UTC, datetime, timedelta
from math import isnan

import pytest

from detectors.context.fading import half_life_s
from detectors.entities import entity_id
from detectors.knowledge import Knowledge
from detectors.orders.flight_course import FLIGHT
from detectors.orders.flight_features import NAMES, values
from detectors.orders.flight_seen import seen
from detectors.orders.journey import NOTED_ENDED, NOTED_SLOW, Journey, Planned
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum

DUE = datetime(2013, 2, 8, 15, 30, tzinfo=UTC)
"""10:30 in New York, a Friday."""
SECOND = DUE.timestamp()
ENTITIES = {
    "airport": "EWR", "carrier": "UA", "airport_carrier": "EWR-UA", "airport_hour": "EWR-10", "destination": "ORD",
    "flight": "UA15-EWR", "region": "new_york",
}  # fmt: skip


def order() -> Journey:
    return Journey(SECOND - 86_400.0, SECOND + 7_200.0, dict(ENTITIES), [Planned("departed", SECOND)])


def read(knowledge: Knowledge, now: float) -> dict[str, float]:
    return dict(zip(NAMES, values(order(), knowledge, now), strict=True))


def word(entity: str, at: float, *, measures: dict[str, float], **sums: tuple[float, float]) -> ContextUpdated:
    fading = {
        name.replace("__", "/"): FadingSum(
            half_life_s=half_life_s(name.partition("__")[2]), weight=one[0], total=one[1]
        )
        for name, one in sums.items()
    }
    data = ContextUpdatedData(sums=fading, measures=measures)
    return ContextUpdated(id=f"{entity}-{at}", source="context", subject=entity, time=DUE, data=data)


def told(one: Journey, what: str, minutes: float) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for said in seen(one, what, SECOND + 60.0 * minutes):
        found.setdefault(said.measure, []).append(said.value)
    return found


def test_the_order_itself_is_read_in_the_time_of_its_airport() -> None:
    found = read(Knowledge(), SECOND - 10_800.0)
    assert found["ahead_min"] == 180.0
    assert found["local_min"] == 10 * 60 + 30
    assert found["weekday"] == 4.0
    assert found["block_min"] == 120.0


def test_of_what_nothing_was_said_nothing_is_known() -> None:
    assert sum(not isnan(value) for value in values(order(), Knowledge(), SECOND)) == 4


def test_sums_are_read_as_faded_until_now_and_rates_are_shrunk() -> None:
    knowledge = Knowledge()
    knowledge.put(
        word("airport:EWR", SECOND, measures={}, slow__2h=(8.0, 4.0), cancelled__3h=(2.0, 2.0), trouble__1d=(0.0, 0.0))
    )
    later = SECOND + half_life_s("3h")
    found = read(knowledge, later - later % 300.0)
    assert found["airport.slow/2h"] == pytest.approx(0.5)
    assert found["airport.cancelled/3h#"] == pytest.approx(1.0, abs=0.05)
    assert found["airport.trouble/1d"] == pytest.approx(0.14)
    assert isnan(found["carrier.slow/2h"])


def test_a_measurement_older_than_six_hours_says_nothing() -> None:
    knowledge = Knowledge()
    knowledge.put(word("airport:EWR", SECOND, measures={"wind_mph": 20.0, "wind_deg": 90.0, "visibility_mi": 2.0}))
    soon, late = read(knowledge, SECOND + 3_600.0), read(knowledge, SECOND + 7 * 3_600.0)
    assert soon["airport.wind_east"] == pytest.approx(20.0)
    assert soon["airport.visibility_mi"] == 2.0
    assert isnan(late["airport.visibility_mi"])


def test_one_that_waits_is_told_of_once_and_taken_off_when_it_leaves() -> None:
    one = order()
    assert told(one, "missed", 10) == {}, "not yet a quarter of an hour"
    one.noted |= NOTED_SLOW
    assert set(told(one, "missed", 15)["waiting"]) == {1.0}
    assert told(one, "missed", 45) == {}
    one.reach("departed", SECOND + 3_600.0)
    left = told(one, "departed", 60)
    assert set(left["waiting"]) == {-1.0}
    assert set(left["left_late_min"]) == {60.0}
    assert "slow" not in left, "told when it was missed"


def test_trouble_is_told_once() -> None:
    in_time, late, cancelled = order(), order(), order()
    assert set(told(in_time, "delivered", 130)["trouble"]) == {0.0}
    assert set(told(late, "ended", 166)["trouble"]) == {1.0}
    late.noted |= NOTED_ENDED
    assert "trouble" not in told(late, "delivered", 200)
    assert set(told(cancelled, "cancelled", 60)["trouble"]) == {1.0}


def test_no_number_it_tells_is_beyond_five_hours() -> None:
    one = order()
    one.reach("departed", SECOND + timedelta(days=1).total_seconds())
    assert set(told(one, "departed", 24 * 60)["left_late_min"]) == {300.0}


def test_what_was_learned_speaks_from_three_hours_before_departure_until_it() -> None:
    one = order()
    spoken = [FLIGHT.speaks(one, SECOND - 60.0 * minutes) for minutes in (360, 180, 60, 0)]
    assert spoken == [False, True, True, False]
    one.reach("departed", SECOND - 60.0)
    assert not FLIGHT.speaks(one, SECOND - 30.0)


def test_every_kind_that_is_read_is_told_of() -> None:
    one = order()
    one.noted |= NOTED_SLOW
    kinds = {said.entity for said in [*seen(one, "missed", SECOND + 900.0), *seen(one, "ended", SECOND + 1e5)]}
    assert kinds == {entity_id(kind, name) for kind, name in ENTITIES.items()}
