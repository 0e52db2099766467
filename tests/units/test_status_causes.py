"""From the records of context to what whoever is on call sees of open causes: page, gauges, status."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from prometheus_client import generate_latest

from beforehand.status.figures import Causes, Status, look
from ledger.database import Ledger
from models.events.case_observed import CaseObserved, CaseObservedData
from models.events.catalogue import encode
from streams.metrics.catalogue import WATERMARK
from streams.metrics.registry import METRICS
from streams.probes.look import Look
from streams.probes.pulse import Pulse
from streams.probes.server import ProbeServer
from streams.probes.vitals import Vitals
from streams.roles.context import ContextStep
from streams.settings import Settings
from streams.step import KnowsCauses
from tests.outreach import new_ledger
from tests.records import records

START = datetime(2018, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
REFUSED_FROM = START + 8 * DAY
MINUTE = timedelta(minutes=1)


class Roles:
    """A process' roles: context with what it found, and detect, which has read up to an instant."""

    def __init__(self, step: ContextStep, read_up_to: datetime) -> None:
        assert isinstance(step, KnowsCauses)
        self._step, self._read_up_to = step, read_up_to

    def look(self) -> Look:
        return Look(causes=self._step.standing(), watermarks={"telemetry.v1": self._read_up_to.timestamp()})


def attempt(number: int, provider: str, minutes: int, refused: bool) -> bytes:
    data = CaseObservedData(look="attempt", bad=float(refused), first=refused, entities={"provider": provider})
    time = START + minutes * MINUTE
    name = f"0-{number}-{provider}"
    return encode(CaseObserved(id=name, source="detect", subject="cases:payments", time=time, data=data))


def attempts(days: float) -> Iterator[bytes]:
    """One in twenty is refused; from the ninth day on all of `acme`, and three in four of `bolt`."""
    for number in range(int(days * 288)):
        storm, usual = number >= 8 * 288, number % 20 == 0
        yield attempt(number, "acme", number * 5, storm or usual)
        yield attempt(number, "bolt", number * 5, (storm and number % 4 > 0) or usual)
        for calm in range(9):
            yield attempt(number, f"calm{calm}", number * 5, usual)


def step(days: float) -> ContextStep:
    made = ContextStep(0, 1)
    made.apply(records(*attempts(days)))
    return made


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path)
    yield made
    made.close()


def seen(tmp_path: Path, ledger: Ledger, roles: Roles) -> tuple[Status, str, list[dict[str, object]]]:
    """What status finds over HTTP, what Prometheus would, and the page itself."""
    settings, vitals = Settings(run_dir=tmp_path, kafka=""), Vitals()
    vitals.watch("context", roles)
    Pulse(vitals, settings).beat()
    server = ProbeServer(vitals, settings, "context")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/causes", timeout=30) as answer:
            page = json.load(answer)
        return look(settings, ledger), generate_latest(METRICS.registry).decode(), page
    finally:
        server.close()
        METRICS.forget(WATERMARK, "telemetry.v1")


def test_open_causes_are_counted_and_the_one_with_most_customers_is_named(tmp_path: Path, ledger: Ledger) -> None:
    found, told, page = seen(tmp_path, ledger, Roles(step(8.3), REFUSED_FROM + 0.3 * DAY))
    assert found.causes.open == len(page) == 2
    largest = found.causes.largest
    assert largest is not None
    assert (largest.family, largest.entities) == ("payments", {"provider": "acme"})
    assert 70 <= largest.cases <= 87  # 86 were refused
    assert REFUSED_FROM < largest.since < REFUSED_FROM + timedelta(hours=2)
    assert largest.rate > 2 * largest.expected
    assert 'beforehand_open_causes{family="payments"} 2.0' in told
    assert f'beforehand_largest_cause_customers{{family="payments"}} {largest.cases}.0' in told
    assert 'beforehand_open_causes{family="complaints"} 0.0' in told
    printed = json.loads(msgspec.json.encode(found))["causes"]
    assert (printed["open"], printed["largest"]["entities"]) == (2, {"provider": "acme"})


def test_calm_days_have_none(tmp_path: Path, ledger: Ledger) -> None:
    found, told, page = seen(tmp_path, ledger, Roles(step(8), REFUSED_FROM))
    assert (found.causes, page) == (Causes(), [])
    assert 'beforehand_largest_cause_customers{family="payments"} 0.0' in told


def test_a_cause_that_nothing_was_said_of_for_three_windows_is_not_shown_as_open(
    tmp_path: Path, ledger: Ledger
) -> None:
    silent = Roles(step(8.3), REFUSED_FROM + 2 * DAY)
    found, _, page = seen(tmp_path, ledger, silent)
    assert (len(page), found.causes) == (2, Causes())
