"""Many small trees asked at once: every threshold of every tree in one comparison, not branch by branch.

Each tree's leaves are bits, the leftmost one lowest. A node that sends the values to its right takes the leaves on its
left off; the lowest bit that is left is the leaf they come to (QuickScorer: Lucchese and others 2015). The leaves are
added in the order of the trees, so that the sum is that of a walk to the last bit.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

import numpy as np

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
    """One comparison: which leaves are left when the value is above, and whether an unknown one counts as above."""

    column: int
    threshold: float
    unknown_above: bool
    kept: int


class Forest:
    """Trees of at most `MOST_LEAVES` leaves each. Raises `ValueError` when one has more."""

    def __init__(self, roots: Sequence[int], nodes: Nodes) -> None:
        tests: list[_Test] = []
        begins, bases, leaves = list[int](), list[int](), list[float]()
        for root in roots:
            begins.append(len(tests))
            bases.append(len(leaves))
            tests.append(_Test(0, inf, False, -1))  # never above: a tree that is one leaf has a test, too
            _grow(nodes, root, 0, tests, leaves)
        self._columns = np.array([test.column for test in tests], dtype=np.intp)
        self._thresholds = np.array([test.threshold for test in tests])
        self._unknown_above = np.array([test.unknown_above for test in tests])
        self._kept = np.array([test.kept for test in tests], dtype=np.int64)
        self._begins, self._bases = np.array(begins, dtype=np.intp), np.array(bases, dtype=np.intp)
        self._leaves = np.array(leaves)

    def sum(self, baseline: float, values: Sequence[float]) -> float:
        """The baseline and the value of each tree's leaf; NaN where unknown."""
        if not len(self._begins):
            return baseline
        asked = np.array(values)[self._columns]
        above = (asked > self._thresholds) | (np.isnan(asked) & self._unknown_above)
        left = np.bitwise_and.reduceat(np.where(above, self._kept, -1), self._begins)
        places = np.frexp((left & -left).astype(np.float64))[1] - 1  # of the lowest bit
        total = baseline
        for value in self._leaves[self._bases + places].tolist():  # numpy would add in another order
            total += value
        return total


def _grow(nodes: Nodes, node: int, first: int, tests: list[_Test], leaves: list[float], depth: int = 0) -> int:
    """Take in what hangs on a node, its leaves from bit `first` on. The bit after them."""
    if first >= MOST_LEAVES or depth >= MOST_LEAVES:  # each node on the way down has a leaf on its other side
        raise ValueError(f"a tree has more than {MOST_LEAVES} leaves")
    column = nodes.feature[node]
    if column < 0:
        leaves.append(nodes.value[node])
        return first + 1
    middle = _grow(nodes, nodes.left[node], first, tests, leaves, depth + 1)
    end = _grow(nodes, nodes.right[node], middle, tests, leaves, depth + 1)
    on_its_left = (1 << middle) - (1 << first)
    tests.append(_Test(column, nodes.threshold[node], not nodes.missing_left[node], ~on_its_left))
    return end
