"""Hysteresis: readings of one object become one episode, opened, updated when it matters, resolved."""

from hashlib import blake2b

import msgspec

from detectors.detector import Params
from detectors.readings import Reading
from models.issues import Change, Severity


class Episode(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One open-to-resolved run, as it was last told. Instants in seconds since 1970."""

    issue_id: bytes
    opened_at: float
    probability: float
    severity: Severity
    stage: str
    horizon: float | None


class Turn(msgspec.Struct, frozen=True, gc=False):
    """What a reading changes: the episode from now on (None: over), and what to tell."""

    episode: Episode | None
    told: Episode
    change: Change


def issue_id(detector: str, customer: str, thing: str, opened_by: str) -> bytes:
    """The episode's key for ever, 16 bytes: the same for live, replay and backtest."""
    text = "\x00".join((detector, customer, thing, opened_by))
    return blake2b(text.encode(), digest_size=16).digest()


def judge(former: Episode | None, reading: Reading, params: Params) -> Change | None:
    """What a reading is to its episode; None when there is nothing to tell."""
    if former is None:
        opens = reading.warm and not reading.over and reading.probability >= params.open_at
        return "opened" if opens else None
    if reading.over or reading.probability < params.close_at:
        return "resolved"
    return "updated" if _is_material(former, reading, params) else None


def _is_material(former: Episode, reading: Reading, params: Params) -> bool:
    return (
        reading.stage != former.stage
        or reading.severity != former.severity
        or reading.horizon != former.horizon
        or abs(reading.probability - former.probability) >= params.update_step
    )


def turn(former: Episode | None, reading: Reading, change: Change, opened: tuple[bytes, float]) -> Turn:
    """The episode after `change`. `opened` is (issue id, instant) for an episode that begins here."""
    key, since = (former.issue_id, former.opened_at) if former is not None else opened
    told = Episode(key, since, reading.probability, reading.severity, reading.stage, reading.horizon)
    return Turn(None if change == "resolved" else told, told, change)
