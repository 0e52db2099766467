"""Faults on the running service each raise their alert in Prometheus itself, and it goes away when they are mended."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from pydantic import SecretStr

from beforehand.stack import Stack
from deploy.mail.kept import read_accepted
from deploy.mail.server import MailServer
from desk.sources.feed import feed as items_of
from desk.sources.shop import Shop
from ledger.database import Ledger
from models.events.profile_changed import ProfileChanged
from streams.clock import BusinessClock
from streams.settings import Settings
from tests.e2e.house import PARTITIONS, ROLE_EACH, House, eventually
from tests.e2e.test_away import broker_away, database_away
from tests.outreach import address, consent, decide, issue, remember
from tests.prometheus_server import Prometheus, prometheus

pytestmark = pytest.mark.chaos
FASTER = 20.0
"""Ten minutes of the rules are half a minute here."""


@dataclass
class Drill:
    """The service, and Prometheus watching it."""

    house: House
    prometheus: Prometheus

    def freeze(self, role: str) -> int:
        pid = self.house.stack.supervisor.pids()[role]
        os.kill(pid, signal.SIGSTOP)
        return pid

    @contextmanager
    def frozen(self, role: str) -> Iterator[None]:
        pid = self.freeze(role)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def silent(self, alert: str, timeout_s: float = 90) -> None:
        eventually(lambda: alert not in self.prometheus.firing(), timeout_s, f"{alert} is silent")

    def fires(self, alert: str, timeout_s: float, **labels: str) -> None:
        def found() -> bool:
            return any(labels.items() <= one.items() for one in self.prometheus.firing().get(alert, []))

        began = time.monotonic()
        eventually(found, timeout_s, f"{alert} fires ({labels})")
        print(f"{alert} fired after {time.monotonic() - began:.0f} s beside {sorted(self.prometheus.firing())}")


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    with MailServer(folder / "mails") as mail_server:
        settings = Settings.model_validate({
            "kafka": "", "partitions": PARTITIONS, "run_dir": folder, "smtp_port": mail_server.port,
            "database_url": SecretStr(f"sqlite:///{folder / 'ledger.db'}"), "canary_s": 2.0, "settle_s": 0.5,
            "beat_s": 0.5, "session_timeout_s": 3.0, "lease_s": 5.0, "give_up_s": 900.0, "watchdog_s": 1000.0,
            "stall_s": 1000.0,
        })  # fmt: skip
        processes = {**ROLE_EACH, "canary": ["canary"]}
        with (
            Stack(settings, processes) as stack,
            prometheus(folder / "prometheus", folder / "probes", FASTER) as server,
        ):
            ledger = Ledger(settings.database_url.get_secret_value())
            house = House(stack, stack.settings, BusinessClock(), folder / "none", mail_server, ledger)
            canaries = "max(beforehand_canary_last_success_timestamp_seconds) > 0"
            eventually(lambda: server.value(canaries), 120, "a canary came through, and Prometheus knows")
            yield Drill(house, server)
            ledger.close()
    shutil.rmtree(folder, ignore_errors=True)


def test_alerting_itself_works_and_nothing_pages_a_healthy_service(drill: Drill) -> None:
    drill.fires("Watchdog", 20)
    eventually(
        lambda: not [one for some in drill.prometheus.firing().values() for one in some if one["severity"] == "page"],
        120, "no page on a healthy service",
    )  # fmt: skip
    up, all_ = 'count(up{job="beforehand"} == 1)', len(ROLE_EACH) + 1
    eventually(lambda: drill.prometheus.value(up) == all_, 60, "every process is read")  # one may be late for a second


def test_a_lost_canary(drill: Drill) -> None:
    drill.silent("CanaryLost")
    with drill.frozen("detect"):
        drill.fires("CanaryLost", 90)
    drill.silent("CanaryLost", 120)


def test_a_frozen_commit(drill: Drill) -> None:
    drill.silent("CommitNotAdvancing")
    with database_away(drill.house):
        drill.fires("CommitNotAdvancing", 90, role="remember")
    drill.silent("CommitNotAdvancing")


def test_a_dead_sender(drill: Drill) -> None:
    drill.silent("OutboxStuck")
    before = len(read_accepted(drill.house.mail_server.folder))
    with drill.frozen("sender"):
        queue(drill.house.ledger)
        drill.fires("OutboxStuck", 90)
        assert len(read_accepted(drill.house.mail_server.folder)) == before
    eventually(lambda: len(read_accepted(drill.house.mail_server.folder)) == before + 1, 60, "the mail goes out")
    drill.silent("OutboxStuck")


def queue(ledger: Ledger) -> None:
    """A message that may go out now, to a customer for whom it is noon."""
    now = datetime.now(UTC)
    yes = consent("drilled", True)
    zone = f"Etc/GMT{now.hour - 12:+d}"
    assert isinstance(yes, ProfileChanged)
    yes = msgspec.structs.replace(yes, data=msgspec.structs.replace(yes.data, zone=zone))
    remember(ledger, yes, address("drilled"))
    assert decide(ledger, issue(1, customer="drilled", at=now), now=now) == 1


def test_a_dead_feed(drill: Drill) -> None:
    """The producer falls silent; then ingest stands still, and time with it."""
    shop = Shop(customers=200, seed=9, duration=timedelta(hours=2))
    drill.silent("FeedSilent")
    items = items_of(list(shop.events()), PARTITIONS, timedelta(minutes=30), tail=timedelta(0))
    drill.house.feed([one for one in items if one[0] == "orders.v1"], paced=False)
    drill.silent("FeedSilent")
    drill.fires("FeedSilent", 200, topic="orders.v1")
    drill.silent("WatermarkHeldBack")
    with drill.frozen("ingest"):
        drill.fires("WatermarkHeldBack", 120, source="orders.v1")
    drill.silent("WatermarkHeldBack", 120)


def test_a_dead_kafka(drill: Drill) -> None:
    drill.silent("KafkaDown")
    with broker_away(drill.house):
        drill.fires("KafkaDown", 60)
    drill.silent("KafkaDown")
    drill.silent("CanaryLost", 120)
