"""The late waves of real orders: whatever else an order tells, they are found."""

from pathlib import Path

from bench.cause_orders import orders_found


def test_six_of_eight_waves_are_found_in_time_and_no_more_than_one_cause_a_month_is_false(recorded_data: Path) -> None:
    assert (recorded_data / "olist").is_dir()
    found = orders_found()
    assert sum(wave.at is not None for wave in found.waves) >= 6
    assert found.false <= found.months
