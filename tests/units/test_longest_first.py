"""The order of the tests: long files begin first, and nothing is lost on the way."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

import pytest

from tests.longest_first import LONGEST, ROOT, in_order


class Named(NamedTuple):
    """Of a test, what the order looks at."""

    path: Path
    name: str


def test_the_files_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_the_longest_begin_in_their_order_and_the_others_stay_as_they_were() -> None:
    given = [Named(ROOT / file, name) for file in ("units/a.py", LONGEST[1], "units/b.py", LONGEST[0]) for name in "xy"]
    found = cast(list[Named], in_order(cast(Sequence[pytest.Item], given)))
    assert found == [*given[6:], *given[2:4], *given[:2], *given[4:6]]


def test_make_test_keeps_that_order() -> None:
    [line] = [line for line in (ROOT.parent / "Makefile").read_text().splitlines() if '"not chaos"' in line]
    assert "--dist loadfile" in line
    assert "--no-loadscope-reorder" in line
