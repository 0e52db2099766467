"""The scores: against scikit-learn, against what can be counted by hand, and with intervals that stay the same."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from desk.scores.bootstrap import intervals
from desk.scores.calibration import brier, ece, reliability
from desk.scores.ranking import Ranking
from desk.scores.scored import NAMES, calibrated, plain, ranked
from desk.scores.scored import told as told_scores
from desk.scores.telling import telling
from desk.sources.source import Truth

NOON = datetime(2017, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    score = np.round(rng.random(500), 1)  # many ties
    return rng.random(500) < 0.2 + 0.4 * score, score


def test_average_precision_is_that_of_scikit_learn_with_ties_and_weights(rows: tuple[np.ndarray, np.ndarray]) -> None:
    trouble, score = rows
    weights = np.random.default_rng(4).integers(0, 4, 500).astype(float)
    ranking = Ranking(trouble, score)
    assert ranking.average_precision() == pytest.approx(average_precision_score(trouble, score), abs=1e-12)
    expected = average_precision_score(trouble, score, sample_weight=weights)
    assert ranking.average_precision(weights) == pytest.approx(expected, abs=1e-12)


def test_the_order_of_equal_scores_changes_nothing(rows: tuple[np.ndarray, np.ndarray]) -> None:
    trouble, score = rows
    shuffled = np.random.default_rng(5).permutation(500)
    assert Ranking(trouble, score).at_budget() == pytest.approx(Ranking(trouble[shuffled], score[shuffled]).at_budget())


def test_at_ten_counts_the_highest_tenth_and_an_even_part_of_what_ties_across_its_edge() -> None:
    trouble = np.array([True, False, True, True] + [False] * 16)
    score = np.array([0.9, 0.8, 0.5, 0.5] + [0.1] * 16)
    assert Ranking(trouble, score).at_budget() == pytest.approx((1 / 3, 1 / 2))
    assert Ranking(trouble, score).at_budget(share=0.15) == pytest.approx((2 / 3, 2 / 3)), "one of the two that tie"


def test_without_trouble_there_is_no_score() -> None:
    calm = np.zeros(20, np.bool_)
    assert np.isnan(Ranking(calm, np.arange(20.0)).average_precision())
    assert plain(ranked(calm, np.arange(20.0))) == dict.fromkeys(NAMES)


def test_calibration_of_what_is_said_rightly_and_wrongly() -> None:
    trouble = np.arange(100) % 4 == 0
    assert ece(trouble, np.full(100, 0.25)) == pytest.approx(0.0)
    assert ece(trouble, np.full(100, 0.55)) == pytest.approx(0.3)
    assert brier(trouble, np.full(100, 0.25)) == pytest.approx(0.25 * 0.75)
    skill = calibrated(trouble, trouble.astype(float), 0.25)["brier_skill"]
    assert (skill.value, skill.low, skill.high) == (1.0, 1.0, 1.0)
    assert [one.rows for one in reliability(trouble, np.where(trouble, 1.0, 0.0))] == [75, 25]


def test_an_interval_holds_the_score_and_is_the_same_again(rows: tuple[np.ndarray, np.ndarray]) -> None:
    first = ranked(*rows)["average_precision"]
    assert first == ranked(*rows)["average_precision"]
    assert first.low is not None
    assert first.value is not None
    assert first.high is not None
    assert first.low < first.value < first.high
    other = intervals(500, lambda weights: [Ranking(*rows).average_precision(weights)], seed=1)
    assert other[0] != (first.low, first.high)


def truth(name: str, trouble: bool) -> Truth:
    return Truth(customer_id="c", object=name, detector="d", trouble=trouble, felt_at=NOON, promised_by=NOON)


def test_who_is_told_before_who_too_late_and_who_for_nothing() -> None:
    truths = [
        truth("early", True),
        truth("late", True),
        truth("never", True),
        truth("calm", False),
        truth("hush", False),
    ]
    hours = {"early": -6, "late": 1, "calm": -1}
    found = telling(truths, {name: NOON + timedelta(hours=hour) for name, hour in hours.items()})
    assert found.lead_time_median_s() == 6 * 3600
    assert found.known_first() == pytest.approx(1 / 3)
    assert found.told_untroubled() == pytest.approx(1 / 3)


def test_where_nobody_could_have_trouble_nothing_is_scored() -> None:
    assert {score.value for score in told_scores(telling([], {})).values()} == {None}
