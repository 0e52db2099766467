"""Logistic regression that learns one example at a time, with values standardised as they come.

Steps are AdaGrad's (Duchi, Hazan, Singer 2011). An unknown value has a weight of its own; tokens are hashed into a
table of weights (Weinberger and others 2009). All of it is arrays of numbers, and so is its state.
"""

from collections import Counter
from collections.abc import Sequence
from math import exp
from zlib import crc32

import msgspec
import numpy as np

from detectors.learning.lesson import Online
from detectors.learning.snapshot import MOST_LOGIT, Linear
from detectors.learning.window import Floats

PIECE = 64
"""Hashed weights are kept by the piece: a checkpoint writes only the pieces that changed."""
SMALL = 1e-4
"""Hashed weights below are told as 0, and others with four digits: tens of thousands have to fit in a snapshot."""

_TINY = 1e-10


class Numbers(msgspec.Struct, array_like=True):
    """State: float64 bytes of the seven columns one after the other, and the bias."""

    columns: bytes
    bias: float


class OnlineModel:
    """Weights, sums of squared gradients, and running moments of `width` values and, with `token_bits`, of tokens."""

    def __init__(self, width: int, settings: Online) -> None:
        self._settings = settings
        self._columns = np.zeros((7, width))
        self._bias = 0.0
        size = 2**settings.token_bits if settings.token_bits else 0
        self._hashed, self._hashed_squares = np.zeros(size), np.zeros(size)
        self.changed: dict[int, None] = {}
        """Pieces of hashed weights that changed."""

    def learn(self, values: Floats, tokens: Sequence[str], label: float) -> float:
        """One step. `values` are NaN where unknown. The probability that it would have said before it."""
        count, mean, spread, weights, squares, missing, missing_squares = self._columns
        known = ~np.isnan(values)
        self._measure(values, known)
        scale = np.sqrt(spread / np.maximum(count, 1.0))
        scale[scale < _TINY] = 1.0
        inputs = np.where(known, (values - mean) / scale, 0.0)
        places = self._places(tokens)
        total = self._bias + weights @ inputs + missing @ ~known + self._hashed[places].sum()
        said = _sigmoid(float(total))
        error = said - label
        self._bias -= self._settings.bias_rate * error
        _step(weights, squares, error * inputs + self._settings.l2 * weights, self._settings.rate)
        if not known.all():
            _step(missing, missing_squares, error * ~known, self._settings.rate)
        if len(places):
            self._step_tokens(places, error)
        return said

    def part(self) -> Linear:
        """What it knows, for a snapshot."""
        count, mean, spread, weights, _, missing, _ = self._columns
        scale = np.sqrt(spread / np.maximum(count, 1.0))
        scale[scale < _TINY] = 1.0
        return Linear(
            bias=self._bias,
            means=mean.tolist(),
            scales=scale.tolist(),
            weights=weights.tolist(),
            missing=missing.tolist(),
            hashed=[float(f"{weight:.4g}") if abs(weight) >= SMALL else 0.0 for weight in self._hashed.tolist()],
        )

    def encode(self) -> bytes:
        """All but the hashed weights."""
        return msgspec.msgpack.encode(Numbers(self._columns.tobytes(), self._bias))

    def load(self, value: bytes) -> None:
        """Take back what `encode` gave. Raises `ValueError` when it is of another width."""
        numbers = msgspec.msgpack.decode(value, type=Numbers)
        self._columns = np.frombuffer(numbers.columns).reshape(self._columns.shape).copy()
        self._bias = numbers.bias

    def encode_piece(self, number: int) -> bytes:
        """One piece of hashed weights with their sums of squares."""
        piece = slice(number * PIECE, (number + 1) * PIECE)
        return np.stack((self._hashed[piece], self._hashed_squares[piece])).tobytes()

    def load_piece(self, number: int, value: bytes) -> None:
        """Take back what `encode_piece` gave. Raises `ValueError` when it is of another size."""
        piece = slice(number * PIECE, (number + 1) * PIECE)
        self._hashed[piece], self._hashed_squares[piece] = np.frombuffer(value).reshape(2, -1)

    def _measure(self, values: Floats, known: Floats) -> None:
        """Welford's running mean and sum of squared distances, of what is known."""
        count, mean, spread = self._columns[:3]
        count += known
        distance = np.where(known, values - mean, 0.0)
        mean += distance / np.maximum(count, 1.0)
        spread += distance * np.where(known, values - mean, 0.0)

    def _places(self, tokens: Sequence[str]) -> list[int]:
        size = len(self._hashed)
        return [crc32(token.encode()) % size for token in tokens] if size else []

    def _step_tokens(self, places: list[int], error: float) -> None:
        """A token that came twice counts twice."""
        counted = Counter(places)
        unique, times = np.array(list(counted)), np.array(list(counted.values()))
        gradient = error * times + self._settings.l2 * self._hashed[unique]
        self._hashed_squares[unique] += gradient * gradient
        self._hashed[unique] -= self._settings.rate * gradient / np.sqrt(self._hashed_squares[unique] + _TINY)
        self.changed.update(dict.fromkeys((unique // PIECE).tolist()))


def _step(weights: Floats, squares: Floats, gradient: Floats, rate: float) -> None:
    squares += gradient * gradient
    weights -= rate * gradient / np.sqrt(squares + _TINY)


def _sigmoid(total: float) -> float:
    return 1.0 / (1.0 + exp(-max(-MOST_LOGIT, min(MOST_LOGIT, total))))
