"""Detection against the simulated shop's hidden truth, on a small scale; `bench.shop_truth` has it larger."""

from datetime import timedelta

import pytest

from bench.shop_scores import Kind, calm_messages, percentile, score, warm_states
from bench.shop_truth import BEFORE, PRECISION, RECALL, STATE_BYTES, Result, holds
from detectors.catalogue import detector_types

BEAT = timedelta(hours=1)
NAMES = {detector.name for detector in detector_types()}
UNTOLD = {"will_complain", "unusual_metric"}
"""Measured on recorded histories: the simulated shop has no truth for these."""


def test_trouble_of_every_kind_is_found_and_told_before_the_customers_call() -> None:
    kinds = score(900, seed=31, beat=BEAT)
    assert set(kinds) == NAMES - UNTOLD
    for name, kind in kinds.items():
        assert kind.troubled >= 5, name
        assert kind.recall >= RECALL - 0.15, name  # a handful of each kind: two missed weigh much
        assert kind.precision >= PRECISION - 0.05, name
    called = sum(kind.called for kind in kinds.values())
    assert sum(kind.told_before * kind.called for kind in kinds.values()) / called >= BEFORE


def test_on_calm_days_hardly_anybody_is_told_anything() -> None:
    assert sum(calm_messages(900, seed=32, beat=BEAT).values()) <= 1


def test_a_customer_with_every_story_fits_the_room_there_is() -> None:
    whole, parts = warm_states(40, seed=33, beat=BEAT)
    assert set(parts) >= NAMES - {"unusual_metric"}  # and those who say what causes are made of
    assert max(parts.values()) < whole <= STATE_BYTES


def test_one_missed_figure_is_enough_to_fail() -> None:
    fine = Kind(troubled=9, issues=9, recall=1.0, precision=1.0, called=3, told_before=1.0, lead_median_s=60.0)
    poor = Kind(troubled=9, issues=9, recall=0.8, precision=1.0, called=3, told_before=1.0, lead_median_s=60.0)

    def result(kind: Kind, calm: float = 0.0, state: int = 900) -> Result:
        return Result(
            customers=9, seconds=1.0, kinds={"x": fine, "y": kind}, calm_per_1000=calm, calm_messages={},
            state_p99=state, state_by_detector={},
        )  # fmt: skip

    assert holds(result(fine))
    assert not holds(result(poor))
    assert not holds(result(fine, calm=1.0))
    assert not holds(result(fine, state=4097))


@pytest.mark.parametrize(("sizes", "expected"), [([5], 5), (list(range(1, 101)), 100), (list(range(1, 1001)), 991)])
def test_the_percentile_is_a_size_that_occurs(sizes: list[int], expected: int) -> None:
    assert percentile(sizes) == expected
