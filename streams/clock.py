"""The only file that reads clocks or makes randomness. Two clocks, for two questions.

`business_now` is what customers feel and may run fast in a replay; `elapsed` is always real, for leases and timeouts.
"""

import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

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


class BusinessClock:
    """UTC now, or a scaled time that a replay's conductor writes into a file.

    The file holds `{"business": RFC 3339, "at": Unix seconds, "rate": float}`: at the real instant `at` it was
    `business`, and it goes `rate` times as fast from there. Every process reads the same file, so all agree.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file: Final = file
        self._seen = -1
        self._business = datetime.min.replace(tzinfo=UTC)
        self._at = self._rate = 0.0

    def now(self) -> datetime:
        """The business time. Raises `ClockFileError` when the file cannot be read."""
        return self.at(time.time())

    def at(self, unix_s: float) -> datetime:
        """The business time at a real instant, given in Unix seconds."""
        if self._file is None:
            return datetime.fromtimestamp(unix_s, UTC)
        self._reload(self._file)
        return self._business + timedelta(seconds=(unix_s - self._at) * self._rate)

    def _reload(self, file: Path) -> None:
        try:
            seen = file.stat().st_mtime_ns
            if seen == self._seen:
                return
            told = json.loads(file.read_text())
            business, at, rate = datetime.fromisoformat(told["business"]), float(told["at"]), float(told["rate"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClockFileError(f"clock file {file}: {error}; write it with set_clock, or unset it") from error
        self._seen, self._business, self._at, self._rate = seen, business, at, rate


class ClockFileError(OperatorError):
    """The clock file is missing or not of its form. Operator action: correct or unset BEFOREHAND_CLOCK_FILE."""


def set_clock(file: Path, business: datetime, rate: float) -> None:
    """Write the clock file in one step: from this real moment on it is `business`, going `rate` times as fast."""
    body = json.dumps({"business": business.isoformat(), "at": time.time(), "rate": rate})
    draft = file.with_suffix(".new")
    draft.write_text(body)
    draft.replace(file)
