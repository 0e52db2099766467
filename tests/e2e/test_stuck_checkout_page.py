"""A checkout that lets nobody on: from the shop's events on Kafka to the customers' open pages, set up as shipped."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import ceil
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr
from sqlalchemy import func, select

from beforehand.demo.page import ORIGIN, stuck_with_open_pages
from beforehand.demo.story import STORIES
from beforehand.stack import Stack
from deploy.kafka.ports import free_port
from detectors.friction.stuck_checkout import StuckCheckout
from ledger.tables import consents, outbox
from models.events.base import Event
from models.events.catalogue import encode
from models.events.checkout_step import CheckoutStep, CheckoutStepData
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from models.partitions import partition_of
from streams.clock import real_now
from streams.ledgers import ledger_of
from streams.settings import Settings
from tests.browser import Tab, browser
from tests.pages import KEY
from tests.shop_page import shop_page

PARTITIONS = 4
VISITORS, EACH = 3, 8
"""So many visitors side by side, and so many customers each, one after the other."""
DAYS = 3
ALLOWED_S = 2.0
FLOOR = StuckCheckout.params_type().floor
CARDS = "[...document.querySelectorAll('.notice')]"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Every role, with the channels and limits that are shipped."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "keys").write_text(KEY)
    shop = free_port()
    origins = [f"http://127.0.0.1:{shop}", ORIGIN]
    settings = Settings(
        kafka="", partitions=PARTITIONS, run_dir=folder, database_url=SecretStr(f"sqlite:///{folder}/ledger.db"),
        in_app_keys=folder / "keys", in_app_origins=origins, in_app_port=free_port(shop),
    )  # fmt: skip
    assert settings.detector_channels["stuck_checkout"] == ["in_app"]
    with Stack(settings) as stack:
        yield stack.settings


class Shop:
    """What the shop writes to Kafka, at the moment at which it happens."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def says_yes(self, customers: Sequence[str]) -> None:
        """Consent to be told in the page."""
        data = ProfileChangedData(consent={"in_app": True}, zone="Europe/Paris", locale="en-GB")
        for name in customers:
            await self._write(ProfileChanged(id=f"{name}-yes", source="shop", subject=name, time=real_now(), data=data))

    async def refuses(self, customer: str, number: int) -> datetime:
        """One try at the address, in vain; when it was."""
        data = CheckoutStepData(checkout_id=f"{customer}-k", step="shipping_address", accepted=False)
        at = real_now()
        await self._write(CheckoutStep(id=f"{customer}-{number}", source="shop", subject=customer, time=at, data=data))
        return at

    async def _write(self, event: Event) -> None:
        where = partition_of(event.subject, PARTITIONS)
        await self._producer.send_and_wait(event.topic, encode(event), event.subject.encode(), where)


async def visit(tab: Tab, origin: str, customer: str, shop: Shop, settings: Settings) -> float:
    """A customer opens the page and is refused until it is a trouble; seconds from then until the page says so.

    They stay until the page has confirmed it.
    """
    await tab.go(f"{origin}/of/{customer}")
    await tab.until(f"location.pathname === '/of/{customer}' && document.body?.dataset.listening === 'yes'", 60)
    for number in range(1, FLOOR):
        await shop.refuses(customer, number)
    assert await tab.evaluate(f"{CARDS}.length") == 0
    seen = await shop.refuses(customer, FLOOR)
    shown = await tab.until(f"{CARDS}[0]?.dataset.shownAt", 60)  # the browser's clock is this machine's too
    said = await tab.evaluate(f"{CARDS}.map(card => card.innerText)")
    assert len(said) == 1
    assert "The step “shipping address” does not let you on." in said[0]
    ended = select(outbox.c.detector, outbox.c.channel, outbox.c.state).where(outbox.c.customer_id == customer)
    await until(settings, "a receipt", ended, [("stuck_checkout", "in_app", "SENT")])
    return float(shown) / 1000 - seen.timestamp()


async def until(settings: Settings, what: str, asked: object, wanted: object) -> None:
    """Ask the ledger again and again until it says what is wanted."""
    deadline, told = time.monotonic() + 90, None
    while time.monotonic() < deadline:
        with ledger_of(settings).read() as connection:
            told = connection.execute(asked).all()  # type: ignore[call-overload]
        if told == wanted:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what}: not within 90 s (last: {told})")


async def day(running: Settings, number: int, folder: Path) -> list[float]:
    """Customers who are new, some side by side; what `visit` says of each, sorted."""
    origin = running.in_app_origins[0]
    names = [[f"c-{number}-{visitor}-{one}" for one in range(EACH)] for visitor in range(VISITORS)]
    everybody = [name for some in names for name in some]
    said_yes = select(func.count()).where(consents.c.customer_id.in_(everybody))
    producer = AIOKafkaProducer(bootstrap_servers=running.kafka, enable_idempotence=True)
    await producer.start()
    shop, took = Shop(producer), []

    async def one_after_the_other(tab: Tab, some: Sequence[str]) -> None:
        took.extend([await visit(tab, origin, name, shop, running) for name in some])

    try:
        await shop.says_yes(everybody)
        await until(running, "consents", said_yes, [(len(everybody),)])
        edge, port = f"http://127.0.0.1:{running.in_app_port}", int(origin.rpartition(":")[2])
        async with shop_page(edge, port=port), browser(folder) as started, asyncio.TaskGroup() as all_:
            for some in names:
                all_.create_task(one_after_the_other(await started.tab(apart=True), some))
    finally:
        await producer.stop()
    return sorted(took)


def test_a_stuck_checkout_is_on_the_customers_page_within_two_seconds_of_the_refusal_that_made_it_one(
    running: Settings, tmp_path: Path
) -> None:
    """Measured again when it was slow: this machine may have been busy with something else. Telling holds each time."""
    for number in range(DAYS):
        took = asyncio.run(day(running, number, tmp_path / f"profile-{number}"))
        median, p95 = took[len(took) // 2], took[ceil(0.95 * len(took)) - 1]
        print(
            f"refusal to page: median {median:.2f} s, p95 {p95:.2f} s, at most {took[-1]:.2f} s, {len(took)} customers"
        )
        assert len(took) == VISITORS * EACH >= 20
        if p95 < ALLOWED_S:
            return
    pytest.fail(f"p95 of {DAYS} days is never under {ALLOWED_S} s")


def test_the_last_scene_of_the_shops_demo_tells_its_customers_in_their_open_page(running: Settings) -> None:
    assert STORIES["shop"].pages > 0
    took = asyncio.run(stuck_with_open_pages(running, 2))
    assert len(took) == 2
    ended = select(outbox.c.channel, outbox.c.state).where(outbox.c.customer_id.like("page-%"))
    asyncio.run(until(running, "receipts", ended, [("in_app", "SENT")] * 2))
