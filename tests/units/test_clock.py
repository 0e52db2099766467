"""The business clock can run fast in a replay, and every process reads it from the same file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.clock import BusinessClock, ClockFileError, elapsed, real_now, set_clock, turn_clock

FEBRUARY = datetime(2013, 2, 7, 5, tzinfo=UTC)


def test_without_a_file_it_is_the_machine_s_own_time() -> None:
    assert abs(BusinessClock().now() - real_now()) < timedelta(seconds=1)


def test_with_a_file_it_starts_where_told_and_goes_as_fast_as_told(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    before = elapsed()
    set_clock(file, FEBRUARY, rate=3600)
    clock = BusinessClock(file)
    gone = clock.now() - FEBRUARY
    assert timedelta(0) <= gone <= timedelta(seconds=3600 * (elapsed() - before) + 1)
    unix = datetime.now(UTC).timestamp()
    assert clock.at(unix + 1) - clock.at(unix) == timedelta(hours=1)


def test_a_clock_that_stands_stands_until_the_file_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    set_clock(file, FEBRUARY, rate=0)
    clock = BusinessClock(file)
    assert clock.now() == clock.now() == FEBRUARY
    set_clock(file, FEBRUARY + timedelta(days=1), rate=0)
    assert clock.now() == FEBRUARY + timedelta(days=1)


def test_a_clock_that_is_turned_goes_on_from_where_it_was_and_still_tells_what_it_was(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    set_clock(file, FEBRUARY, rate=3600)
    clock = BusinessClock(file)
    before = datetime.now(UTC).timestamp()
    then = clock.at(before)
    turn_clock(file, rate=0)
    stood = clock.now()
    assert then <= stood == clock.now()
    assert clock.at(before) == then
    turn_clock(file, rate=3600)
    assert stood <= clock.now()
    assert clock.at(before) == then
    unix = datetime.now(UTC).timestamp()
    assert clock.at(unix + 1) - clock.at(unix) == timedelta(hours=1)


@pytest.mark.parametrize("content", [None, "", "{}", '[{"business": "soon", "at": 1, "rate": 1}]', "[]"])
def test_a_broken_clock_file_is_named_and_says_what_to_do(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ClockFileError, match=r"clock.*set_clock, or unset it"):
        BusinessClock(file).now()
