"""The two clocks, and the machine's own for leases that several processes share: handed in, never read here."""

from collections.abc import Callable
from datetime import datetime

import msgspec


class Clocks(msgspec.Struct, frozen=True):
    """`now` is business time; `real_now` the machine's UTC time; `elapsed` monotonic seconds."""

    now: Callable[[], datetime]
    real_now: Callable[[], datetime]
    elapsed: Callable[[], float]
