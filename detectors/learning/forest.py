"""Many small trees asked at once, feature by feature instead of branch by branch.

Each tree's leaves are bits, the leftmost one lowest. A node that sends a value to its right takes the leaves on its
left off; the lowest bit that is left in the end is the leaf a walk comes to (QuickScorer: Lucchese and others 2015).
Which nodes of a feature do so depends only on how many of their thresholds lie below its value: what each number of
them leaves of all trees is worked out beforehand. The leaves are added in the order of the trees, as a walk does.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_LEAVES = 62
"""Of one tree: each is a bit of a number with a sign."""


class Nodes(NamedTuple):
    """Trees as arrays of nodes: what each is, see `snapshot.Trees`."""

    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    missing_left: list[bool]
    value: list[float]


class _Test(NamedTuple):
    """One node: the leaves on its left are taken off its tree when the value is above, or unknown and counts so."""

    threshold: float
    tree: int
    lefts: int
    unknown_above: bool


class _Column(NamedTuple):
    """Of one feature: its thresholds, rising. Row `first` is that of no threshold below the value, and so on."""

    feature: int
    thresholds: list[float]
    first: int
    unknown: int


class Forest:
    """Trees of at most `MOST_LEAVES` leaves each. Raises `ValueError` when one has more."""

    def __init__(self, baseline: float, roots: Sequence[int], nodes: Nodes) -> None:
        tests: dict[int, list[_Test]] = {}
        leaves, most = list[float](), 1
        self._bases = np.zeros(len(roots), dtype=np.intp)
        for tree, root in enumerate(roots):
            self._bases[tree] = len(leaves) - 1  # the lowest bit is told as 1
            most = max(most, _grow(nodes, root, tree, 0, tests, leaves))
        self._baseline, self._leaves = baseline, np.array(leaves)
        self._kept, self._columns = _rows(tests, len(roots), np.min_scalar_type((1 << most) - 1))

    def sum(self, values: Sequence[float]) -> float:
        """The baseline and the value of each tree's leaf; NaN where unknown."""
        rows = [0]
        rows += [
            first + bisect_left(thresholds, value) if (value := values[feature]) == value else unknown
            for feature, thresholds, first, unknown in self._columns
        ]
        left = np.bitwise_and.reduce(self._kept.take(rows, axis=0), axis=0).astype(np.int64)
        places = np.frexp((left & -left).astype(np.float64))[1] + self._bases  # of the lowest bit
        total = self._baseline
        for leaf in self._leaves.take(places).tolist():  # numpy would add in another order
            total += leaf
        return total


def _grow(
    nodes: Nodes, node: int, tree: int, first: int, tests: dict[int, list[_Test]], leaves: list[float], depth: int = 0
) -> int:
    """Take in what hangs on a node, its leaves from bit `first` on. The bit after them."""
    if first >= MOST_LEAVES or depth >= MOST_LEAVES:  # each node on the way down has a leaf on its other side
        raise ValueError(f"a tree has more than {MOST_LEAVES} leaves")
    feature = nodes.feature[node]
    if feature < 0:
        leaves.append(nodes.value[node])
        return first + 1
    middle = _grow(nodes, nodes.left[node], tree, first, tests, leaves, depth + 1)
    end = _grow(nodes, nodes.right[node], tree, middle, tests, leaves, depth + 1)
    lefts = (1 << middle) - (1 << first)
    tests.setdefault(feature, []).append(_Test(nodes.threshold[node], tree, lefts, not nodes.missing_left[node]))
    return end


def _rows(tests: dict[int, list[_Test]], trees: int, kind: Any) -> tuple[NDArray[Any], list[_Column]]:
    """What is left of each tree, row by row, and which rows are whose; a feature's last row is that of unknown."""
    whole = np.iinfo(kind).max
    rows = np.full((sum(len(found) + 2 for found in tests.values()) + 1, trees), whole, dtype=kind)
    columns, first = list[_Column](), 1  # row 0 is nobody's, so that there is one
    for feature, found in sorted(tests.items()):
        found.sort()
        unknown = first + len(found) + 1
        for place, test in enumerate(found, start=first + 1):
            rows[place, test.tree] = whole ^ test.lefts
            if test.unknown_above:
                rows[unknown, test.tree] &= whole ^ test.lefts
        np.bitwise_and.accumulate(rows[first:unknown], axis=0, out=rows[first:unknown])
        columns.append(_Column(feature, [test.threshold for test in found], first, unknown))
        first = unknown + 1
    return rows, columns
