"""What is remembered of a metric is more than of a customer, and bounded all the same."""

from datetime import timedelta
from math import sin

from detectors.pipeline import Pipeline
from detectors.scenes import after
from detectors.telemetry.unusual_metric import MOST_METRICS, UnusualMetric, UnusualParams
from models.events.metric_measured import MetricMeasured, MetricMeasuredData

LIMIT = 40_000


def measured(row: int, metric: str, value: float, minutes: float = 5) -> MetricMeasured:
    data = MetricMeasuredData(metric=metric, value=value)
    time = after(0) + timedelta(minutes=row * minutes)
    return MetricMeasured(id=f"{metric}-{row}", source="t", subject="m-1", time=time, data=data)


def size(events: list[MetricMeasured]) -> int:
    pipeline = Pipeline([UnusualMetric(UnusualParams())], 0)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return len(dict(outputs.states)[b"m-1"] or b"")


def test_a_metric_takes_at_most_forty_kilobytes_however_long_it_is_known() -> None:
    few, many = (size([measured(row, "m", 100 * sin(row * row)) for row in range(rows)]) for rows in (600, 3000))
    assert 10_000 < few <= LIMIT
    assert many < 1.1 * few


def test_a_metric_that_is_measured_every_second_or_every_week_takes_no_more() -> None:
    for minutes in (1 / 60, 7 * 24 * 60):
        assert size([measured(row, "m", 100 * sin(row * row), minutes) for row in range(700)]) <= LIMIT


def test_values_beyond_all_bounds_break_nothing() -> None:
    values = [0.0, 1e308, -1e308, 5e-324, 1.0] * 100
    assert size([measured(row, "m", value) for row, value in enumerate(values)]) <= LIMIT


def test_there_are_only_so_many_metrics_of_one_and_the_first_are_kept() -> None:
    rounds = [measured(row, f"m-{number}", row) for row in range(30) for number in range(10)]
    kept = [one for one in rounds if one.data.metric in {f"m-{number}" for number in range(MOST_METRICS)}]
    assert size(rounds) < 1.01 * size(kept)
