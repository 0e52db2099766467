"""The bench's own arithmetic: halves share no file, and a half is judged by what the other one chose."""

import numpy as np
import pytest

from bench.nab import blind_clock, cross_fitted, halves
from desk.benchmark import Said
from desk.scores.nab import File

ROWS = 1000
FILE = File(np.arange(ROWS, dtype=np.int64), [(500, 599)])


def said(*heights: float) -> Said:
    """One file per height: an alarm of that height at the window's first row."""
    rows = [np.where(np.arange(ROWS) == 500, height, 0.0) for height in heights]
    return Said([f"a/{place}" for place in range(len(rows))], [FILE] * len(rows), rows)


@pytest.mark.parametrize("seed", [7, 3])
def test_halves_share_no_file_and_are_drawn_folder_by_folder(seed: int) -> None:
    names = [f"{folder}/{number}" for folder, files in (("a", 4), ("b", 5), ("c", 3)) for number in range(files)]
    first, second = halves(names, seed)
    assert sorted(first + second) == list(range(12))
    assert len(first) == len(second) == 6
    assert [sum(names[place].startswith("a") for place in half) for half in (first, second)] == [2, 2]


def test_parameters_and_threshold_come_from_the_other_half() -> None:
    good_for_the_first, good_for_the_second = said(0.9, 0.0), said(0.0, 0.8)
    found = {"one": good_for_the_first, "two": good_for_the_second}
    assert cross_fitted(found, ([0], [1]), "standard") == 0.0
    assert cross_fitted({"both": said(0.9, 0.9)}, ([0], [1]), "standard") == pytest.approx(100.0)
    assert cross_fitted({"low": said(0.9, 0.5)}, ([0], [1]), "standard") == pytest.approx(50.0), (
        "a bar of 0.9 misses 0.5"
    )


def test_a_clock_that_looks_at_nothing_finds_something() -> None:
    standard, low_fp, low_fn = blind_clock(said(0.0, 0.0))
    assert 0.0 < low_fp <= standard <= low_fn < 100.0
