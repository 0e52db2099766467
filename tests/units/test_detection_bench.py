"""The arithmetic behind the detection figures: the simple rule, the fit, the calibration error."""

from datetime import UTC, datetime

import numpy as np
import pytest

from bench.demo_threshold import first_crossing
from bench.detection_scores import calibration_error, score
from bench.fit_features import FEATURES, may_be_negative, segments
from bench.logistic_fit import fit
from desk.sources.flight_rule import late_share
from desk.sources.flight_tables import NEVER, FlightTable
from detectors.orders.fitted import WEIGHTS
from detectors.orders.outlook import PHASES
from models.signals import Signal


def table(due: list[int], departed: list[int]) -> FlightTable:
    rows = len(due)
    left = np.array(departed, np.int64)
    return FlightTable(
        carrier=["UA"] * rows, number=list(range(rows)), origin=["EWR"] * rows, destination=["ORD"] * rows,
        day=["20130101"] * rows, month=np.ones(rows, np.int64), local_hour=[8] * rows, due=np.array(due, np.int64),
        promised=np.array(due, np.int64) + 120, departed=left, arrived=left, cancelled=left == NEVER,
    )  # fmt: skip


def test_the_rule_counts_what_was_known_strictly_before_and_in_the_last_two_hours() -> None:
    # late at 150, on time at 200, cancelled 100 (known at 160), departing just at the instant 240: not counted
    flights = table([100, 200, 100, 240, 300], [150, 200, int(NEVER), 240, 300])
    assert late_share(flights, lead_min=60)[4] == pytest.approx(2 / 3)
    assert late_share(flights, lead_min=60)[0] != late_share(flights, lead_min=60)[0], "nothing known: NaN"
    assert late_share(flights, lead_min=25)[4] == pytest.approx(1 / 3), "150 lies more than two hours before 275"


def drawn(rows: int, weights: list[float], bias: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    features = rng.normal(size=(rows, len(weights))).astype(np.float32) * 3
    chance = 1 / (1 + np.exp(-(features @ np.array(weights) + bias)))
    return features, rng.random(rows) < chance


def test_the_fit_finds_the_weights_that_made_the_data() -> None:
    features, trouble = drawn(40_000, [0.5, -0.25], -1.0)
    weights, bias = fit(features, trouble, np.array([True, True]), l2=1.0)
    assert weights == pytest.approx([0.5, -0.25], abs=0.03)
    assert bias == pytest.approx(-1.0, abs=0.05)


def test_a_weight_that_is_not_free_stays_at_zero_or_above() -> None:
    features, trouble = drawn(5_000, [0.5, -0.25], -1.0)
    weights, _ = fit(features, trouble, np.array([True, False]), l2=1.0)
    assert weights[1] == 0.0
    assert weights[0] > 0.3


def test_a_feature_that_never_changes_gets_no_weight() -> None:
    features, trouble = drawn(2_000, [0.5], 0.0)
    still = np.hstack([features, np.zeros_like(features)])
    assert fit(still, trouble, np.array([True, True]), l2=1.0)[0][1] == 0.0


def test_hinges_of_one_side_are_fitted_as_the_parts_between_them() -> None:
    names = ["a.precipitation_in>0.1", "a.late/1h", "a.precipitation_in>0", "a.visibility_mi<5", "a.visibility_mi<10"]
    rain, sight = 0.3, 2.0
    hinges = np.array([rain - 0.1, 7.0, rain, 5 - sight, 10 - sight])
    assert hinges @ segments(names) == pytest.approx([rain - 0.1, 7.0, 0.1, 5 - sight, 5.0])


def test_only_climate_may_lower_a_score() -> None:
    assert all(may_be_negative(name) for name in ("airport.temperature_f<32", "airport.humidity_pct>85"))
    others = {name for names in FEATURES.values() for name in names if not may_be_negative(name)}
    assert {"airport.late_min/1h", "airport.visibility_mi<10", "airport.wind_mph>10", "own.waiting"} <= others
    assert all(weight >= 0 for phase in WEIGHTS.values() for name, weight in phase.items() if name in others)


def test_every_phase_of_the_detector_is_fitted() -> None:
    assert set(FEATURES) == set(PHASES) == set(WEIGHTS)


def test_a_calibrated_constant_has_no_calibration_error_and_no_rank() -> None:
    trouble = np.arange(100) % 4 == 0
    constant = np.full(100, 0.25)
    assert calibration_error(trouble, constant) == pytest.approx(0.0)
    assert calibration_error(trouble, constant + 0.3) == pytest.approx(0.3)
    assert score(trouble, constant, constant).auc == pytest.approx(0.5)
    assert score(trouble, trouble.astype(float)).ap == pytest.approx(1.0)


def signal(hour: int, probability: float, *, warm: bool = True) -> Signal:
    return Signal(
        detector="late_delivery", customer_id="c", object="o", look="3h", at=datetime(2013, 2, 7, hour, tzinfo=UTC),
        score=0.0, probability=probability, severity="medium", horizon=None, warm=warm, over=False, features={},
        journal_partition=0, journal_offset=hour,
    )  # fmt: skip


def test_an_issue_opens_at_the_first_warm_reading_above_the_threshold() -> None:
    seen = [signal(1, 0.9, warm=False), signal(2, 0.2), signal(3, 0.5), signal(4, 0.9)]
    assert first_crossing(seen, 0.5) == seen[2].at
    assert first_crossing(seen, 0.95) is None
