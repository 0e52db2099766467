"""One look at the service: what its processes on this machine say, and what the ledger holds."""

from datetime import UTC, datetime

import msgspec

from beforehand.status.processes import Process, Sample, found, value
from detectors.causes.cause import Standing
from ledger import counts
from ledger.database import Ledger
from ledger.reachable import expect
from ledger.switches import halted
from models.errors import OperatorError
from streams import admin
from streams.connection import security_of
from streams.settings import Settings
from streams.topics import INPUTS

_WATERMARK = "beforehand_watermark_timestamp_seconds"
_LAG, _CANARY = "beforehand_lag_records", "beforehand_canary_last_success_timestamp_seconds"

READY = "ready"


class Causes(msgspec.Struct, frozen=True, kw_only=True):
    """Many customers, one trouble: how many are open, and the one that has touched most customers."""

    open: int = 0
    largest: Standing | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Plain values, as `status --json` prints them. `trouble`: what could not be seen, and what to do."""

    processes: dict[str, str]
    """Process -> `ready`, or why it is not."""
    lag: dict[str, int]
    """Role -> offsets that it is behind."""
    watermarks: dict[str, datetime | None]
    canary_at: datetime | None = None
    open_issues: dict[str, int] = {}
    outbox: dict[str, int] = {}
    holds: dict[str, int] = {}
    halted: dict[str, str] = {}
    causes: Causes = Causes()
    trouble: list[str] = []


def look(settings: Settings, ledger: Ledger) -> Status:
    """Everything as of now; what cannot be asked is in `trouble`."""
    processes = found(settings.run_dir)
    told = [one for process in processes for one in process.samples]
    trouble: list[str] = []
    if not processes:
        trouble.append(f"no process serves its probes in {settings.run_dir}: start `beforehand up`, or run this there")
    return msgspec.structs.replace(
        Status(processes=_said(processes), lag=_lag(settings, told, trouble), watermarks=_watermarks(told)),
        causes=_causes(processes, told),
        canary_at=_instant(value(told, _CANARY, most=True)),
        **_in_ledger(ledger, trouble),
        trouble=trouble,
    )


def _said(processes: list[Process]) -> dict[str, str]:
    return {one.name: "; ".join(one.reasons) or READY for one in processes}


def _lag(settings: Settings, told: list[Sample], trouble: list[str]) -> dict[str, int]:
    """What the roles say themselves; else, of roles that run elsewhere, what their groups' offsets say."""
    roles = sorted({labels["role"] for name, labels, _ in told if name == _LAG})
    lag = {role: int(value(told, _LAG, role=role)) for role in roles}
    for role in INPUTS if settings.kafka else ():
        if role not in lag:
            try:
                found = admin.lag(settings.kafka, admin.group_of(role), INPUTS[role], security_of(settings))
            except OperatorError as error:
                trouble.append(str(error))
                break
            lag[role] = sum(found.values())
    return lag


def _watermarks(told: list[Sample]) -> dict[str, datetime | None]:
    known: dict[str, float] = {}
    for name, labels, instant in told:
        if name == _WATERMARK:
            known[labels["source"]] = min(instant, known.get(labels["source"], instant))
    return {source: _instant(instant) for source, instant in sorted(known.items())}


def _causes(processes: list[Process], told: list[Sample]) -> Causes:
    """Without those that nothing was said of for so long that they count for nobody any more."""
    read_up_to = _instant(value(told, _WATERMARK, most=True))
    found = [
        cause for one in processes for cause in one.causes if read_up_to is None or cause.stands_until > read_up_to
    ]
    return Causes(open=len(found), largest=max(found, key=lambda cause: (cause.cases, cause.cause_id), default=None))


def _in_ledger(ledger: Ledger, trouble: list[str]) -> dict[str, dict[str, int] | dict[str, str]]:
    try:
        expect(ledger)
        with ledger.read() as connection:
            return {
                "open_issues": counts.open_by_detector(connection),
                "outbox": counts.by_state(connection),
                "holds": counts.by_rule(connection),
                "halted": halted(connection),
            }
    except OperatorError as error:
        trouble.append(str(error))
    return {}


def _instant(unix_s: float) -> datetime | None:
    return datetime.fromtimestamp(unix_s, UTC) if unix_s > 0 else None
