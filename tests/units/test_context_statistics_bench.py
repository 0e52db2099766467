"""The contenders of the context bench keep what they are said to keep."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from river import proba

from bench.context_contenders import ALPHA, BETA, Ours, RollingBeta, RollingMean
from bench.context_statistics import Seen, measured
from detectors.context.entity import Kept, _mean
from detectors.context.fading import Fading
from detectors.context.rules import ContextParams

START = datetime(2013, 1, 1, tzinfo=UTC)


def stream(count: int) -> list[Seen]:
    chance, at, seen = random.Random(3), START, list[Seen]()
    for _ in range(count):
        at += timedelta(minutes=chance.choice([1, 2, 9]))
        seen.append(("EWR", at.timestamp(), at.replace(tzinfo=None), float(chance.random() < 0.3)))
    return seen


def test_rivers_window_is_the_plain_one_and_its_beta_shrinks_as_we_do() -> None:
    seen, mean, beta = stream(400), RollingMean("1h", 15.0), RollingBeta("1h", 15.0)
    for number, (_, at, instant, late) in enumerate(seen):
        mean.update(late, at, instant)
        beta.update(late, at, instant)
        inside = [one[3] for one in seen[: number + 1] if one[1] > at - 3600.0]
        assert mean.share() == pytest.approx(sum(inside) / len(inside))
        assert beta.share() == pytest.approx(mean.share())
        assert len(mean.numbers()[2]) == len(inside)
        kept = beta.kept.obj
        assert kept.alpha / (kept.alpha + kept.beta) == pytest.approx((sum(inside) + ALPHA) / (len(inside) + 5.0))
    assert ALPHA + BETA == 5.0


def test_our_shrinkage_is_the_mean_of_that_beta() -> None:
    beta: Any = proba.Beta(ALPHA, BETA)  # type: ignore[arg-type]  # pseudo-counts may be fractions
    params = ContextParams()
    kept = Kept(sum=Fading(0.0), half_life=1e18, scale=1.0, told=0.0)
    for _, at, _, late in stream(200):
        beta.update(late)
        kept.sum.add(late, at, kept.half_life)
        assert _mean(kept, at, params) == pytest.approx(beta.alpha / (beta.alpha + beta.beta))


def test_ours_stays_near_the_window_with_three_numbers() -> None:
    ours, mean, off = Ours("14d", 4000.0), RollingMean("14d", 4000.0), 0.0
    for _, at, instant, late in stream(6000):
        ours.update(late, at, instant)
        mean.update(late, at, instant)
        off = abs(ours.share() - mean.share())
    assert off < 0.03
    assert len(ours.numbers().__struct_fields__) == 3


def test_the_table_has_a_row_for_each_and_the_exact_window_is_off_by_nothing() -> None:
    found = measured(stream(1200))
    assert {window: len(rows) for window, rows in found.items()} == {"1h": 4, "14d": 4}
    assert found["1h"]["river TimeRolling(Mean)"].off == 0.0
    assert 0.0 < found["1h"]["ours: fading sums"].off < 0.2
    assert found["14d"]["ours: fading sums"].bytes < 40 < found["14d"]["river TimeRolling(Mean)"].bytes
