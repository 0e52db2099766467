"""The newest learned examples as rows, in chunks: a checkpoint writes only the chunks that changed."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Values = NDArray[np.float32]

CHUNK = 64
HEAD = ("at", "label", "linear", "trees", "score", "said", "tried")
"""Columns before the values: when it was frozen, its label, and what the snapshot then in force said of it: its parts
and their mix in logits, its probability, and that of the curve then tried; NaN where it said nothing."""


class Chunk(msgspec.Struct, array_like=True):
    """Rows as bytes: the head in float64, the values in float32 (trees split between values, never at one)."""

    head: bytes
    values: bytes


class Window:
    """Rows by their number, from 0 on. `width` is the number of values kept of each."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._heads: dict[int, Floats] = {}
        self._values: dict[int, Values] = {}
        self.following = 0
        """The number of the next row."""
        self.changed: dict[int, None] = {}

    def append(self, head: tuple[float, ...], values: Floats) -> None:
        """Add a row."""
        number, place = divmod(self.following, CHUNK)
        if number not in self._heads:
            self._heads[number] = np.empty((CHUNK, len(HEAD)))
            self._values[number] = np.empty((CHUNK, self._width), np.float32)
        self._heads[number][place] = head
        if self._width:
            self._values[number][place] = values
        self.following += 1
        self.changed[number] = None

    def heads(self, most: int) -> dict[str, Floats]:
        """The newest rows, oldest first, at most so many: column by name."""
        since = max(0, self.following - most)
        rows = self._joined(self._heads, since, len(HEAD))
        return dict(zip(HEAD, rows.T, strict=True))

    def values(self, most: int) -> Values:
        """The values of the same rows."""
        rows: Values = self._joined(self._values, max(0, self.following - most), self._width)
        return rows

    def trim(self, keep: int) -> None:
        """Forget chunks that hold none of the newest `keep` rows."""
        first = max(0, self.following - keep) // CHUNK
        for number in [number for number in self._heads if number < first]:
            del self._heads[number], self._values[number]
            self.changed[number] = None

    def encode(self, number: int) -> bytes | None:
        """A chunk as bytes; None when it is forgotten."""
        if number not in self._heads:
            return None
        filled = min(CHUNK, self.following - number * CHUNK)
        chunk = Chunk(self._heads[number][:filled].tobytes(), self._values[number][:filled].tobytes())
        return msgspec.msgpack.encode(chunk)

    def load(self, number: int, value: bytes) -> None:
        """Take a chunk back. Raises `msgspec.DecodeError` or `ValueError` when it is none of ours."""
        chunk = msgspec.msgpack.decode(value, type=Chunk)
        head = np.frombuffer(chunk.head).reshape(-1, len(HEAD))
        values = np.frombuffer(chunk.values, np.float32).reshape(len(head), self._width)
        self._heads[number] = np.empty((CHUNK, len(HEAD)))
        self._values[number] = np.empty((CHUNK, self._width), np.float32)
        self._heads[number][: len(head)] = head
        self._values[number][: len(head)] = values
        self.following = max(self.following, number * CHUNK + len(head))

    def _joined(self, chunks: dict[int, Any], since: int, width: int) -> Any:
        """Rows from number `since` on, as far as they are kept."""
        numbers = [number for number in range(since // CHUNK, -(-self.following // CHUNK)) if number in chunks]
        if not numbers:
            return np.empty((0, width))
        rows = np.concatenate([chunks[number][: self.following - number * CHUNK] for number in numbers])
        return rows[max(0, since - numbers[0] * CHUNK) :]
