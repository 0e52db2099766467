"""The only file that reads clocks or makes randomness. Two clocks, for two questions.

`business_now` is what customers feel and may run fast in a replay; `elapsed` is always real, for leases and timeouts.
"""

import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec

from models.errors import OperatorError


def elapsed() -> float:
    """Seconds on the monotonic clock; only differences mean something."""
    return time.monotonic()


def real_now() -> datetime:
    """The machine's own UTC time, whatever the business clock says."""
    return datetime.now(UTC)


def random_id() -> str:
    """128 random bits in hex: names a process or a lease, never an event."""
    return secrets.token_hex(16)


class _Turn(msgspec.Struct, frozen=True):
    business: Annotated[datetime, msgspec.Meta(tz=True)]
    at: float
    rate: float


class BusinessClock:
    """UTC now, or a scaled time that a replay's conductor writes into a file.

    The file holds a list of turns, the newest last, each `{"business": RFC 3339, "at": Unix seconds, "rate": float}`:
    at the real instant `at` it was `business`, and it goes `rate` times as fast from there. Every process reads the
    same file, so all agree.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file: Final = file
        self._seen = -1
        self._turns: list[_Turn] = []

    def now(self) -> datetime:
        """The business time. Raises `ClockFileError` when the file cannot be read."""
        return self.at(time.time())

    def at(self, unix_s: float) -> datetime:
        """The business time at a real instant, given in Unix seconds."""
        if self._file is None:
            return datetime.fromtimestamp(unix_s, UTC)
        self._reload(self._file)
        turn = next((turn for turn in reversed(self._turns) if turn.at <= unix_s), self._turns[0])
        return turn.business + timedelta(seconds=(unix_s - turn.at) * turn.rate)

    def _reload(self, file: Path) -> None:
        try:
            seen = file.stat().st_mtime_ns
            if seen == self._seen:
                return
            turns = msgspec.json.decode(file.read_bytes(), type=Annotated[list[_Turn], msgspec.Meta(min_length=1)])
        except (OSError, ValueError) as error:
            raise ClockFileError(f"clock file {file}: {error}; write it with set_clock, or unset it") from error
        self._seen, self._turns = seen, turns


class ClockFileError(OperatorError):
    """The clock file is missing or not of its form. Operator action: correct or unset BEFOREHAND_CLOCK_FILE."""


def set_clock(file: Path, business: datetime, rate: float) -> None:
    """Write the clock file in one step: from this real moment on it is `business`, going `rate` times as fast."""
    _write(file, [_Turn(business, time.time(), rate)])


def turn_clock(file: Path, rate: float) -> None:
    """From this real moment on the clock goes `rate` times as fast; what it was at moments before stays to be asked.

    Raises `ClockFileError` when there is no clock to turn.
    """
    clock, at = BusinessClock(file), time.time()
    business = clock.at(at)
    _write(file, [*clock._turns, _Turn(business, at, rate)])


def _write(file: Path, turns: list[_Turn]) -> None:
    draft = file.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(turns))
    draft.replace(file)
