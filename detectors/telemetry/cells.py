"""Numbers of a state as bytes, so that thousands of them are read and written in one piece; worked on in place."""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def doubles(cells: bytearray) -> Floats:
    """The same bytes as numbers, little-endian as everywhere in a state: what is written to them lands in the state."""
    return np.frombuffer(cells, "<f8")


def singles(cells: bytearray) -> npt.NDArray[np.float32]:
    """The same with half the room and seven digits."""
    return np.frombuffer(cells, "<f4")


class Ring(msgspec.Struct, array_like=True):
    """The last `size` numbers, in no order; `count` is how many were ever put in."""

    size: int
    count: int = 0
    cells: bytearray = msgspec.field(default_factory=bytearray)

    def swap(self, value: float) -> float | None:
        """Put one in; the one that had been there for `size` numbers, once there are so many."""
        if not self.cells:
            self.cells = bytearray(8 * self.size)
        place, cells = self.count % self.size, memoryview(self.cells).cast("d")
        former = cells[place] if self.count >= self.size else None
        cells[place] = value
        self.count += 1
        return former

    def mean(self) -> float:
        """Of those that are in; 0.0 when none is."""
        known = min(self.count, self.size)
        total: Any = doubles(self.cells)[:known].sum() if known else 0.0
        return float(total) / max(1, known)
