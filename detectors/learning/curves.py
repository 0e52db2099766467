"""A sum of curves, one of each value: a generalised additive model (Hastie, Tibshirani 1990) as numbers.

A curve is straight between its knots and level beyond them. Where the curves are those of several `levels` of one of
the values (how far ahead one looks), what two neighbouring ones say is mixed by where that value lies between them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The curves at one level: `heights` at the knots of each value, `missing` instead where it is unknown."""

    at: float
    bias: float
    heights: list[list[float]]
    missing: list[float]

    def score(self, values: Sequence[float], knots: Sequence[Sequence[float]]) -> float:
        """In logits."""
        total = self.bias
        for value, places, heights, missing in zip(values, knots, self.heights, self.missing, strict=True):
            if value != value:  # unknown
                total += missing
            elif places:
                right = bisect_right(places, value)
                if right == 0 or right == len(places):
                    total += heights[right - 1 if right else 0]
                else:
                    left = places[right - 1]
                    low, part = heights[right - 1], (value - left) / (places[right] - left)
                    total += low + (heights[right] - low) * part
        return total


class Curves(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="curves"):
    """`knots` of each value, rising, none for a value that says nothing. `levels` rise in `at`, of the value `by`."""

    knots: list[list[float]]
    levels: list[Level]
    by: int = 0

    def score(self, values: Sequence[float], _tokens: Sequence[str]) -> float:
        """In logits."""
        levels, at = self.levels, values[self.by]
        right = 0 if at != at else bisect_right([level.at for level in levels], at)  # an unknown one is at the first
        if right == 0 or right == len(levels):
            return levels[right - 1 if right else 0].score(values, self.knots)
        below, above = levels[right - 1], levels[right]
        part = (at - below.at) / (above.at - below.at)
        low = below.score(values, self.knots)
        return low if part == 0.0 else low + (above.score(values, self.knots) - low) * part

    def fault(self, width: int) -> str:
        """What does not fit together in it; empty: it is whole."""
        if not self.levels or not 0 <= self.by < width:
            return "its curves have no level"
        if not _rise([level.at for level in self.levels]) or not all(_rise(places) for places in self.knots):
            return "its curves have knots or levels that do not rise"
        counts = [len(places) for places in self.knots]
        for level in self.levels:
            if len(level.missing) != width or [len(heights) for heights in level.heights] != counts:
                return "its curves have lists of unlike length"
        return "" if len(counts) == width else "its curves are of another number of values than names"


def _rise(numbers: Sequence[float]) -> bool:
    return all(left < right for left, right in pairwise(numbers))
