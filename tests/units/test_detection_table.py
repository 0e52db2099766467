"""One table of all figures of detection: what holds, what does not, what is missing and why."""

import numpy as np
import pytest

from bench.detection_scores import at_threshold, threshold_for
from bench.detection_table import gathered
from bench.rows import Row, printed


def row(ours: float | None, *, less: bool = False) -> Row:
    return Row(data="flights", what="trouble", measure="a figure", ours=ours, to_reach=0.4, less=less)


def test_a_figure_holds_when_it_reaches_its_goal_from_the_right_side() -> None:
    assert [row(0.5).holds, row(0.3).holds, row(0.3, less=True).holds, row(0.5, less=True).holds] == [
        True, False, True, False,
    ]  # fmt: skip
    assert not row(None).holds, "what was not measured does not hold"


def test_the_table_shows_what_is_missed() -> None:
    text = printed([row(0.5), row(0.3), row(None)])
    assert text.count("holds") == 1
    assert text.count("MISSED") == 2


def test_a_bench_that_is_not_there_is_named_with_the_reason() -> None:
    table = gathered(("no_such_bench", "rows"), run=False)
    assert table.rows == []
    assert [(one.bench, one.why) for one in table.missing] == [
        ("no_such_bench", "there is no such bench"),
        ("rows", "it has no rows() for this table"),
    ]


def test_a_threshold_is_the_lowest_that_flags_no_more_than_may_be_flagged() -> None:
    said = np.array([0.9, 0.8, 0.7, 0.7, 0.1])
    assert threshold_for(said, 0.4) == 0.8
    assert threshold_for(said, 0.6) == 0.8, "of equal ones all or none are flagged"
    assert threshold_for(said, 0.8) == 0.7
    assert threshold_for(said, 0.1) == float("inf")


def test_what_lies_at_the_threshold_is_flagged() -> None:
    told = at_threshold(0.9, np.array([True, False, True, True]), np.array([0.95, 0.9, 0.5, 0.91]))
    assert told.flagged == 0.75
    assert told.precision == told.recall == pytest.approx(2 / 3)
