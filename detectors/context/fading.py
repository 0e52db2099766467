"""Exponentially fading sums: a sliding window that needs two numbers and no queue."""

from math import log

import msgspec

LN2 = log(2.0)
_UNITS = {"min": 60.0, "h": 3600.0, "d": 86_400.0}


def half_life_s(window: str) -> float:
    """The half-life in seconds that gives fading sums the mass of a plain window, such as `30min`, `2h`, `14d`.

    Weights `exp(-age / W)` have mean age W and total mass W times the rate; so the half-life is W ln 2.
    Raises `ValueError` for anything else.
    """
    for unit, seconds in _UNITS.items():
        number = window.removesuffix(unit)
        if number != window and number.isdigit() and int(number) > 0:
            return int(number) * seconds * LN2
    raise ValueError(f"window {window!r} is not like 30min, 2h or 14d")


class Fading(msgspec.Struct, array_like=True, gc=False):
    """Count and sum as of `at`, seconds since 1970. In effect the order of additions does not matter."""

    at: float
    weight: float = 0.0
    total: float = 0.0

    def add(self, value: float, at: float, half_life: float) -> None:
        """One more value. An older one than `at` counts as faded as it is by now."""
        if at >= self.at:
            left = self.left(at, half_life)
            self.weight = self.weight * left + 1.0
            self.total = self.total * left + value
            self.at = at
        else:
            left = 0.5 ** ((self.at - at) / half_life)
            self.weight += left
            self.total += left * value

    def left(self, at: float, half_life: float) -> float:
        """What is left at a later instant of what counts now; 1 for an earlier one."""
        return 1.0 if at <= self.at else float(0.5 ** ((at - self.at) / half_life))
