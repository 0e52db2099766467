"""A snapshot of a model: numbers in a documented layout, told by their digest; nothing is ever unpickled.

Layout `snapshot.v1`, JSON: `names` of the values in order; `parts` with their shares in `mix`; `calibration` as knots
(score in logits, probability) with straight lines between them, and none for the plain logistic function.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from math import exp, isnan
from zlib import crc32

import msgspec

from detectors.learning.forest import Forest, Nodes

LAYOUT = "snapshot.v1"
MOST_LOGIT = 30.0


class SnapshotError(ValueError):
    """A snapshot that must not be used; the message says why, and what to do."""


class Linear(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="linear"):
    """`bias + sum(weight * (value - mean) / scale)`; an unknown value adds its `missing` instead. Tokens add theirs.

    `hashed` has 2**bits weights; a token's place is `crc32(utf-8) mod 2**bits`.
    """

    bias: float
    means: list[float]
    scales: list[float]
    weights: list[float]
    missing: list[float]
    hashed: list[float] = []

    def score(self, values: Sequence[float], tokens: Sequence[str]) -> float:
        """In logits."""
        total = self.bias
        for value, mean, scale, weight, missing in zip(
            values, self.means, self.scales, self.weights, self.missing, strict=True
        ):
            total += missing if isnan(value) else weight * (value - mean) / scale
        if self.hashed:
            size = len(self.hashed)
            for token in tokens:
                total += self.hashed[crc32(token.encode()) % size]
        return total

    def width(self) -> int:
        """How many values it takes. Raises `SnapshotError` when its lists disagree."""
        if not len(self.means) == len(self.scales) == len(self.weights) == len(self.missing):
            raise SnapshotError("its linear part has lists of unlike length; publish it anew")
        return len(self.weights)


class Trees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="trees", dict=True):
    """Trees as arrays of nodes: `feature` is -1 at a leaf, else go left when the value is at most `threshold`.

    An unknown value goes left where `missing_left`. The score is `baseline` and the leaves' `value`, in logits.
    """

    baseline: float
    roots: list[int]
    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    missing_left: list[bool]
    value: list[float]

    def score(self, values: Sequence[float], _tokens: Sequence[str]) -> float:
        """In logits."""
        forest = self._forest
        return self.walked(values) if forest is None else forest.sum(values)

    def walked(self, values: Sequence[float]) -> float:
        """The score, tree by tree and branch by branch: the same to the last bit, at four times the cost."""
        total = self.baseline
        for root in self.roots:
            node = root
            while (column := self.feature[node]) >= 0:
                value, threshold = values[column], self.threshold[node]
                # NaN is neither above nor at most anything
                goes_left = not value > threshold if self.missing_left[node] else value <= threshold
                node = self.left[node] if goes_left else self.right[node]
            total += self.value[node]
        return total

    @cached_property
    def _forest(self) -> Forest | None:
        """None when a tree is too large for it."""
        nodes = Nodes(self.feature, self.threshold, self.left, self.right, self.missing_left, self.value)
        with suppress(ValueError):
            return Forest(self.baseline, self.roots, nodes)
        return None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One model as of an instant. `parts` and `mix` are of one length, `calibration` rises in both columns."""

    names: tuple[str, ...]
    parts: tuple[Linear | Trees, ...]
    mix: tuple[float, ...] = ()
    calibration: tuple[tuple[float, float], ...] = ()

    def score(self, values: Sequence[float], tokens: Sequence[str] = ()) -> float:
        """The mix of all parts in logits, between -30 and 30. `values` in the order of `names`, NaN where unknown."""
        total = sum(share * part.score(values, tokens) for share, part in zip(self.mix, self.parts, strict=True))
        return max(-MOST_LOGIT, min(MOST_LOGIT, total))

    def probability(self, score: float) -> float:
        """Calibrated, between 0 and 1."""
        knots = self.calibration
        if not knots:
            return 1.0 / (1.0 + exp(-score))
        place = bisect_right(self._scores, score)
        if place == 0 or place == len(knots):
            return knots[min(place, len(knots) - 1)][1]
        (left, low), (right, high) = knots[place - 1], knots[place]
        return low + (high - low) * (score - left) / (right - left)

    @cached_property
    def _scores(self) -> list[float]:
        return [score for score, _ in self.calibration]


def encode(snapshot: Snapshot) -> tuple[str, str]:
    """Body and digest."""
    body = msgspec.json.encode(snapshot)
    return body.decode(), hashlib.sha256(body).hexdigest()


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A snapshot whose parts are not read yet."""

    names: tuple[str, ...]
    parts: tuple[msgspec.Raw, ...]
    mix: tuple[float, ...] = ()
    calibration: tuple[tuple[float, float], ...] = ()


@lru_cache(maxsize=16)  # each journal partition of a process reads the same
def decode(body: str, digest: str, layout: str) -> Snapshot:
    """Read a body. Raises `SnapshotError` for another layout, a wrong digest, or numbers that do not fit together."""
    if layout != LAYOUT:
        raise SnapshotError(f"it has layout {layout}, and this version reads {LAYOUT}; update beforehand, or refit")
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        raise SnapshotError("its body does not have the digest that was told; publish it anew")
    try:
        told = _BODY.decode(body)
        parts = tuple([_part(bytes(raw), len(told.names)) for raw in told.parts])
    except msgspec.DecodeError as error:
        raise SnapshotError(f"its body is none of {LAYOUT}: {error}; publish it anew") from error
    snapshot = Snapshot(names=told.names, parts=parts, mix=told.mix, calibration=told.calibration)
    if len(snapshot.mix) != len(snapshot.parts):
        raise SnapshotError("its parts and their shares are of unlike number; publish it anew")
    return snapshot


@lru_cache(maxsize=16)  # trees are fitted once a week, and told again each day
def _part(raw: bytes, width: int) -> Linear | Trees:
    """One part, whole. Raises `SnapshotError`, `msgspec.DecodeError`."""
    part = _PART.decode(raw)
    _check(part, width)
    return part


def _check(part: Linear | Trees, width: int) -> None:
    if isinstance(part, Linear):
        if part.width() != width:
            raise SnapshotError("its linear part has another number of values than names; publish it anew")
        return
    nodes = len(part.feature)
    if (
        not nodes
        == len(part.threshold)
        == len(part.left)
        == len(part.right)
        == len(part.missing_left)
        == len(part.value)
    ):
        raise SnapshotError("its trees have lists of unlike length; publish it anew")
    for node, column in enumerate(part.feature):
        if column >= width or (
            column >= 0 and not (node < part.left[node] < nodes and node < part.right[node] < nodes)
        ):
            raise SnapshotError("its trees point to what is not there; publish it anew")
    if any(not 0 <= root < nodes for root in part.roots):
        raise SnapshotError("its trees begin where no node is; publish it anew")


_BODY = msgspec.json.Decoder(_Body)
_PART: msgspec.json.Decoder[Linear | Trees] = msgspec.json.Decoder(Linear | Trees)
