"""Metrics that behave as they never did, and those that only seem to."""

from collections.abc import Callable
from math import sin, tau

import pytest

from detectors.scenes import after, tick
from models.events.base import Event
from models.events.metric_measured import MetricMeasured, MetricMeasuredData
from tests.told import changes, told

DAY = 288
Shape = Callable[[int], float]


def noise(row: int) -> float:
    """Between -1 and 1, the same at every run."""
    return sin(row * row * 1.7 + row)


def wave(row: int) -> float:
    return 100.0 + 30.0 * sin(tau * row / DAY) + noise(row)


def measured(shape: Shape, rows: int, begin: int = 0, minutes: float = 5) -> list[Event]:
    return [
        MetricMeasured(
            id=f"m-{row}", source="t", subject="router-1", time=after(row * minutes),
            data=MetricMeasuredData(metric="latency_ms", value=shape(row)),
        )
        for row in range(begin, rows)
    ]  # fmt: skip


def until(shape: Shape, rows: int) -> list[Event]:
    """With the clock at the end."""
    return [*measured(shape, rows), tick("telemetry.v1", rows * 5)]


def test_a_jump_opens_once_says_what_is_usual_and_is_over_a_day_later() -> None:
    found = told("unusual_metric", until(lambda row: wave(row) + (90.0 if row >= 4 * DAY else 0.0), 6 * DAY))
    assert [issue.change for issue in found.issues] == ["opened", "resolved"]
    opened = found.issues[0]
    assert opened.at < after((4 * DAY + 2) * 5)
    assert "at this time" in opened.evidence.expected
    assert opened.evidence.facts["metric"] == "latency ms"
    assert max(opened.evidence.factors.values()) > 0.0


def test_a_peak_at_the_same_hour_of_every_day_is_usual() -> None:
    assert changes("unusual_metric", until(lambda row: wave(row) + (80.0 if row % DAY < 6 else 0.0), 8 * DAY)) == []


def test_what_comes_again_and_again_is_told_less_and_less() -> None:
    spikes = told("unusual_metric", until(lambda row: wave(row) + (120.0 if row % 401 == 400 else 0.0), 14 * DAY))
    assert len([issue for issue in spikes.issues if issue.change == "opened"]) <= 2
    heights = [signal.probability for signal in spikes.signals if signal.look == "peak" and signal.probability > 0.3]
    assert heights[0] > heights[-1]


def test_a_metric_known_for_a_day_opens_nothing() -> None:
    assert changes("unusual_metric", until(lambda row: wave(row) + (500.0 if row >= DAY else 0.0), DAY + 20)) == []


@pytest.mark.parametrize("shape", [lambda row: 5.0, lambda row: noise(row), lambda row: 1e12 + noise(row)])
def test_nothing_but_noise_opens_nothing(shape: Shape) -> None:
    assert changes("unusual_metric", until(shape, 10 * DAY)) == []


def test_hourly_rows_do_as_well() -> None:
    def hourly(row: int) -> float:
        return 100.0 + 30.0 * sin(tau * row / 24) + noise(row) + (200.0 if row == 600 else 0.0)

    opened = told("unusual_metric", measured(hourly, 620, minutes=60)).issues
    assert [(issue.change, issue.at) for issue in opened][:1] == [("opened", after(600 * 60))]


def test_no_reading_knows_what_comes_later() -> None:
    real = told("unusual_metric", measured(wave, 4 * DAY)).signals
    other = told("unusual_metric", measured(lambda row: wave(row) if row < 3 * DAY else -1e6 * row, 4 * DAY)).signals
    assert real[: 3 * DAY] == other[: 3 * DAY]
    assert real[3 * DAY :] != other[3 * DAY :]


def test_a_clock_set_back_and_rows_of_one_instant_are_taken() -> None:
    late = [*measured(wave, 3 * DAY), *measured(lambda row: wave(row) + 1.0, 3 * DAY, begin=3 * DAY - 20)]
    again = [e for n, e in enumerate(late) if n < 3 * DAY] + [
        MetricMeasured(id=f"again-{n}", source="t", subject="router-1", time=e.time, data=e.data)
        for n, e in enumerate(late[3 * DAY :])
        if isinstance(e, MetricMeasured)
    ]
    assert len(told("unusual_metric", again).signals) == len(again)


def test_a_metric_of_every_second_needs_no_day_to_be_known() -> None:
    def quick(row: int) -> float:
        return 100.0 + 30.0 * sin(tau * row / 60) + noise(row) + (90.0 if 700 <= row < 720 else 0.0)

    found = told("unusual_metric", [*measured(quick, 1000, minutes=1 / 60), tick("telemetry.v1", 20)])
    assert [(issue.change, issue.at) for issue in found.issues][:1] == [("opened", after(700 / 60))]
    assert [issue.change for issue in found.issues][-1] == "resolved"
