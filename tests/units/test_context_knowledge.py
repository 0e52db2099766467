"""The reader's side of context: terms of a score as of an instant."""

from datetime import UTC, datetime
from math import log, log1p

import pytest

from detectors.knowledge import Knowledge
from detectors.orders.terms import PRIOR, EntityTerms, Found
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum

HOUR = 3600.0
AT = datetime(2013, 2, 8, tzinfo=UTC)
NOW = AT.timestamp()


def knowledge(measures: dict[str, float] | None = None, **sums: tuple[float, float]) -> Knowledge:
    """Sums by `measure_window`, such as `late_1h=(weight, total)`, each with a half-life of an hour."""
    fading = {
        name.replace("__", "/"): FadingSum(half_life_s=HOUR, weight=weight, total=total)
        for name, (weight, total) in sums.items()
    }
    event = ContextUpdated(
        id="k", source="context", subject="airport:EWR", time=AT,
        data=ContextUpdatedData(sums=fading, measures=measures or {}),
    )  # fmt: skip
    made = Knowledge()
    made.put(event)
    return made


def read(known: Knowledge, now: float, *names: str) -> Found:
    entity = known.known("airport:EWR")
    assert entity is not None
    return EntityTerms("airport", dict.fromkeys(names, 2.0)).read(entity, now)


def test_a_share_counts_as_log_odds_against_the_prior() -> None:
    found = read(knowledge(late__1h=(396.0, 199.6)), NOW, "late/1h")
    value = log(0.5 / 0.5) - log(PRIOR / (1 - PRIOR))
    assert found.features == {"airport.late/1h": pytest.approx(value)}
    assert found.score == pytest.approx(2.0 * value)
    assert found.cases == 396.0


def test_with_little_evidence_a_share_stays_near_the_prior() -> None:
    few = read(knowledge(late__1h=(1.0, 1.0)), NOW, "late/1h").features["airport.late/1h"]
    many = read(knowledge(late__1h=(100.0, 100.0)), NOW, "late/1h").features["airport.late/1h"]
    assert 0.0 < few < many / 2


def test_evidence_fades_between_the_update_and_the_reading() -> None:
    known = knowledge(late__1h=(40.0, 40.0))
    values = [read(known, NOW + hours * HOUR, "late/1h").features["airport.late/1h"] for hours in (0, 1, 5, 50)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(0.0, abs=1e-6)


def test_a_short_window_leans_on_the_longer_one() -> None:
    alone = read(knowledge(late__1h=(1.0, 0.0)), NOW, "late/1h").features["airport.late/1h"]
    leaning = read(knowledge(late__1h=(1.0, 0.0), late__14d=(100.0, 60.0)), NOW, "late/1h", "late/14d")
    assert leaning.features["airport.late/1h"] > 0.0 > alone


def test_means_counts_and_measures() -> None:
    known = knowledge({"wind_mph": 35.0, "visibility_mi": 0.5}, late_min__1h=(16.0, 300.0), cancelled__3h=(3.0, 540.0))
    found = read(known, NOW, "late_min/1h", "cancelled/3h", "wind_mph>20", "wind_mph>40", "visibility_mi<3")
    assert found.features == {
        "airport.late_min/1h": pytest.approx(log1p(1.0)),
        "airport.cancelled/3h": pytest.approx(log1p(540.0)),
        "airport.wind_mph>20": pytest.approx(1.5),
        "airport.visibility_mi<3": pytest.approx(0.25),
    }


def test_a_measurement_of_long_ago_says_nothing() -> None:
    known = knowledge({"wind_mph": 35.0})
    assert read(known, NOW + 5 * HOUR, "wind_mph>20").score > 0.0
    assert read(known, NOW + 7 * HOUR, "wind_mph>20").score == 0.0


def test_a_reading_is_the_same_the_second_time_and_after_a_restart() -> None:
    known, again = knowledge(late__1h=(40.0, 30.0)), Knowledge()
    first = read(known, NOW + 310.0, "late/1h")
    again.load("airport:EWR", known.encode("airport:EWR") or b"")
    assert read(known, NOW + 400.0, "late/1h") == first == read(again, NOW + 599.0, "late/1h")


@pytest.mark.parametrize("name", ["late/2w", "late", "wind_mph>fast", ""])
def test_a_name_that_is_no_term_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"window|term|float"):
        EntityTerms("airport", {name: 1.0})
