"""The demo's clock goes slowly while too much waits, and at its own rate before and after."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beforehand.demo.figures import Figures
from beforehand.demo.pace import DUE, LAG, LONGEST_S, SLOWER, Pace
from streams.clock import BusinessClock, set_clock

RATE = 2400.0
CALM, FLOOD = Figures(), Figures(due=DUE[0] + 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    set_clock(tmp_path / "clock", datetime(2013, 2, 7, 5, tzinfo=UTC), RATE)
    return tmp_path / "clock"


def rate_of(file: Path) -> float:
    clock, later = BusinessClock(file), datetime.now(UTC).timestamp() + 1
    return (clock.at(later + 1) - clock.at(later)) / timedelta(seconds=1)


@pytest.mark.parametrize("much", [FLOOD, Figures(lag={"ingest": LAG[0], "detect": 1})])
def test_it_is_slow_until_what_waits_is_little_again_and_says_for_how_long(much: Figures, file: Path) -> None:
    pace = Pace(file, RATE)
    pace.look(CALM, 0.0)
    assert rate_of(file) == pytest.approx(RATE)
    pace.look(much, 1.0)
    assert rate_of(file) == pytest.approx(RATE / SLOWER)
    pace.look(Figures(due=DUE[1], lag={"detect": LAG[1]}), 2.0)
    assert rate_of(file) == pytest.approx(RATE / SLOWER)
    pace.look(CALM, 3.0)
    assert rate_of(file) == pytest.approx(RATE)
    assert pace.slow_s == 2.0


def test_it_is_not_slow_for_ever_over_something_that_never_ends(file: Path) -> None:
    pace = Pace(file, RATE)
    pace.look(FLOOD, 0.0)
    pace.look(FLOOD, LONGEST_S + 1)
    pace.look(FLOOD, LONGEST_S + 2)
    assert rate_of(file) == pytest.approx(RATE)


def test_at_the_end_it_goes_at_its_rate(file: Path) -> None:
    pace = Pace(file, RATE)
    pace.look(FLOOD, 0.0)
    pace.go_on(5.0)
    assert rate_of(file) == pytest.approx(RATE)
    assert pace.slow_s == 5.0
