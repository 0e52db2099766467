"""A snapshot scores as its numbers say, and one that is not whole is refused with a reason."""

from math import exp, nan
from random import Random

import pytest

from detectors.learning.forest import Forest, Nodes
from detectors.learning.snapshot import LAYOUT, Linear, Snapshot, SnapshotError, Trees, decode, encode

LINEAR = Linear(bias=1.0, means=[10.0], scales=[2.0], weights=[0.5], missing=[-3.0], hashed=[0.25, 0.25])
STUMP = Trees(
    baseline=-1.0, roots=[0], feature=[0, -1, -1], threshold=[10.0, 0.0, 0.0], left=[1, 0, 0], right=[2, 0, 0],
    missing_left=[False, False, False], value=[0.0, -2.0, 2.0],
)  # fmt: skip
BOTH = Snapshot(names=("days",), parts=(LINEAR, STUMP), mix=(0.5, 0.5))


def test_parts_are_mixed_in_logits() -> None:
    assert BOTH.score((14.0,), ("seller=a",)) == 0.5 * (1.0 + 1.0 + 0.25) + 0.5 * (-1.0 + 2.0)
    assert BOTH.score((10.0,)) == 0.5 * 1.0 + 0.5 * -3.0
    assert BOTH.score((nan,)) == 0.5 * (1.0 - 3.0) + 0.5 * (-1.0 + 2.0)


def test_without_knots_the_probability_is_logistic() -> None:
    assert BOTH.probability(0.7) == 1 / (1 + exp(-0.7))


def test_between_knots_the_probability_is_a_straight_line() -> None:
    knotted = Snapshot(names=(), parts=(), calibration=((-1.0, 0.1), (1.0, 0.5)))
    assert [knotted.probability(score) for score in (-9.0, -1.0, 0.0, 1.0, 9.0)] == pytest.approx(
        [0.1, 0.1, 0.3, 0.5, 0.5]
    )


def test_what_is_encoded_reads_back_the_same() -> None:
    body, digest = encode(BOTH)
    assert decode(body, digest, LAYOUT) == BOTH


@pytest.mark.parametrize(
    ("snapshot", "layout", "spoil", "reason"),
    [
        (BOTH, "snapshot.v9", "", "layout snapshot.v9"),
        (BOTH, LAYOUT, " ", "digest"),
        (Snapshot(names=("a", "b"), parts=(LINEAR,), mix=(1.0,)), LAYOUT, "", "another number of values"),
        (Snapshot(names=("a",), parts=(LINEAR,)), LAYOUT, "", "unlike number"),
        (Snapshot(names=(), parts=(STUMP,), mix=(1.0,)), LAYOUT, "", "point to what is not there"),
    ],
)
def test_what_does_not_fit_together_is_refused(snapshot: Snapshot, layout: str, spoil: str, reason: str) -> None:
    body, digest = encode(snapshot)
    with pytest.raises(SnapshotError, match=reason):
        decode(body + spoil, digest, layout)


def test_trees_asked_at_once_come_to_the_leaves_of_a_walk() -> None:
    rng = Random(7)
    for _ in range(200):
        trees = _grown(rng, rng.choice((1, 1, 2, 8, 62)))
        for _ in range(10):
            values = [rng.choice((nan, *map(float, range(5)))) for _ in range(3)]
            assert trees.score(values, ()) == trees.walked(values)


def test_trees_with_too_many_leaves_are_walked() -> None:
    trees = _grown(Random(8), 63)
    with pytest.raises(ValueError, match="more than 62 leaves"):
        Forest(trees.baseline, trees.roots, Nodes(*[getattr(trees, name) for name in Nodes._fields]))
    assert trees.score((1.0, nan, 3.0), ()) == trees.walked((1.0, nan, 3.0))


def _grown(rng: Random, leaves: int) -> Trees:
    """Up to three trees of so many leaves, in whatever shape."""
    columns: list[list[float]] = [[] for _ in range(6)]
    roots = [_grow(rng, leaves, columns) for _ in range(rng.randint(1, 3))]
    feature, threshold, left, right, missing, value = columns
    numbers = {name: [int(one) for one in column] for name, column in
               {"feature": feature, "left": left, "right": right}.items()}  # fmt: skip
    return Trees(
        baseline=rng.random(), roots=roots, threshold=threshold, missing_left=[bool(one) for one in missing],
        value=value, **numbers,
    )  # fmt: skip


def _grow(rng: Random, leaves: int, columns: list[list[float]]) -> int:
    place = len(columns[0])
    for column, new in zip(columns, (-1, 0.0, 0, 0, False, rng.random()), strict=True):
        column.append(new)
    if leaves > 1:
        on_its_left = rng.randint(1, leaves - 1)
        left = _grow(rng, on_its_left, columns)
        right = _grow(rng, leaves - on_its_left, columns)
        node = (rng.randrange(3), float(rng.randrange(5)), left, right, rng.random() < 0.5)
        for column, new in zip(columns, node, strict=False):
            column[place] = new
    return place
