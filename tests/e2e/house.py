"""A whole service for one test: real broker, real mail server, a process per role, a story fed in step with a clock."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread

from pydantic import SecretStr

from beforehand.stack import Stack
from deploy.mail.kept import Accepted, read_accepted
from deploy.mail.server import MailServer
from desk.sources.feed import Sent
from ledger.database import Ledger
from models.events.address_changed import AddressChanged
from models.partitions import partition_of
from streams.clock import BusinessClock, elapsed, set_clock
from streams.feed import feed
from streams.settings import Settings

PARTITIONS = 4
ROLE_EACH = {name: [name] for name in ("ingest", "detect", "context", "learn", "remember", "decide", "sender")}
WEEKS_S = 60 * 86_400.0


@dataclass
class House:
    """What a test may look at and touch."""

    stack: Stack
    settings: Settings
    clock: BusinessClock
    clock_file: Path
    mail_server: MailServer
    ledger: Ledger
    fed: list[Sent] = field(default_factory=list)

    def mails(self) -> list[Accepted]:
        return read_accepted(self.mail_server.folder)

    def start_clock(self, at: datetime, rate: float) -> None:
        set_clock(self.clock_file, at, rate)

    def feed(self, items: Sequence[Sent], *, paced: bool, progress: Callable[[int], None] = lambda _: None) -> None:
        """Send all, in this thread, and remember them."""
        now = self.clock.now if paced else None
        self.fed += items
        asyncio.run(feed(self.settings, iter(items), now=now, progress=lambda count, _at: progress(count)))

    def feeding(self, items: Sequence[Sent], progress: Callable[[int], None]) -> Thread:
        """Send all in step with the clock, in a thread of its own."""
        thread = Thread(target=self.feed, args=(items,), kwargs={"paced": True, "progress": progress}, daemon=True)
        thread.start()
        return thread


@contextmanager
def house(
    folder: Path,
    at: datetime,
    processes: dict[str, list[str]] = ROLE_EACH,
    faults: Sequence[str] = (),
    **more: object,
) -> Iterator[House]:
    """Everything running, the clock standing at `at`; `more` are settings."""
    clock_file = folder / "clock.json"
    set_clock(clock_file, at, rate=0.0)
    with MailServer(folder / "mails", faults=faults) as mail_server:
        fields: dict[str, object] = {
            "kafka": "", "partitions": PARTITIONS, "run_dir": folder, "clock_file": clock_file, "watermark": "feed",
            "database_url": SecretStr(f"sqlite:///{folder / 'ledger.db'}"), "smtp_port": mail_server.port,
            "session_timeout_s": 3.0, "lease_s": 5.0, "time_to_live_s": WEEKS_S, "cooldown_s": 0.0,
            "cap_per_day": 1000, "cap_per_week": 1000, "breaker_floor": 1_000_000,
        }  # fmt: skip
        settings = Settings.model_validate({**fields, **more})
        with Stack(settings, processes) as stack:
            ledger = Ledger(settings.database_url.get_secret_value())
            try:
                yield House(stack, stack.settings, BusinessClock(clock_file), clock_file, mail_server, ledger)
            finally:
                ledger.close()


def address_items(addresses: Iterator[AddressChanged]) -> list[Sent]:
    """Addresses as a producer sends them."""
    return [("addresses.v1", partition_of(one.subject, PARTITIONS), one) for one in addresses]


def eventually(holds: Callable[[], object], timeout_s: float, what: str) -> None:
    """Ask again and again until it holds; fail with the last answer after `timeout_s`."""
    ends = elapsed() + timeout_s
    while not (answer := holds()):
        assert elapsed() < ends, f"{what}: not within {timeout_s} s (last: {answer!r})"
        time.sleep(0.2)
