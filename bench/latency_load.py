"""Traffic of a shop in real time: many customers whose orders go well, and now and then one who cannot pay."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from desk.sources.shop_world import CARRIERS, PROVIDERS, REGIONS, SELLERS, ZONES
from models.events.address_changed import AddressChanged, AddressChangedData
from models.events.base import Event
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.profile_changed import ProfileChanged, ProfileChangedData

SOURCE = "shop"
AT_ONCE = 2_000
"""Calm customers whose lives are interleaved."""
REFUSALS = 3
"""As many as make a trouble: the last of them causes the mail."""


class Calm:
    """Calm customers without end: each joins, orders, pays and gets the order, a few seconds in all.

    `now` is asked for the time of each event.
    """

    def __init__(self, now: Callable[[], datetime], seed: int = 1) -> None:
        self._now = now
        self._rng = Random(seed)  # noqa: S311 - a benchmark's data
        self._numbers = itertools.count()
        self._lives: deque[Iterator[Event]] = deque(self._life(next(self._numbers)) for _ in range(AT_ONCE))

    def __iter__(self) -> Iterator[Event]:
        """The events, each made when it is asked for."""
        lives = self._lives
        while True:
            life = lives.popleft()
            event = next(life, None)
            if event is None:
                lives.append(self._life(next(self._numbers)))
            else:
                lives.append(life)
                yield event

    def _life(self, number: int) -> Iterator[Event]:
        customer, rng = f"calm-{number:07}", self._rng
        yield profile(customer, self._now(), rng.choice(ZONES))
        yield attempt(customer, self._now(), 0, succeeded=True)
        yield self._placed(customer, self._now())
        for step in ("packed", "handed_over"):
            data = OrderStepData(order_id=f"{customer}-o", step=step)
            yield OrderStep(id=f"{customer}-{step}", source=SOURCE, subject=customer, time=self._now(), data=data)
        delivered = OrderDeliveredData(order_id=f"{customer}-o")
        yield OrderDelivered(id=f"{customer}-d", source=SOURCE, subject=customer, time=self._now(), data=delivered)

    def _placed(self, customer: str, now: datetime) -> OrderPlaced:
        rng = self._rng
        carrier = rng.choice(CARRIERS)
        steps = [PlannedStep(name=name, due=now + timedelta(hours=hours))
                 for name, hours in (("packed", 12), ("handed_over", 24))]  # fmt: skip
        entities = {"seller": rng.choice(SELLERS), "carrier": carrier, "lane": f"{carrier}-{rng.choice(REGIONS)}"}
        data = OrderPlacedData(
            order_id=f"{customer}-o", promised_by=now + timedelta(hours=72), steps=steps, entities=entities,
            amount_minor=rng.randrange(500, 20_000),
        )  # fmt: skip
        return OrderPlaced(id=f"{customer}-placed", source=SOURCE, subject=customer, time=now, data=data)


def troubled(number: int) -> str:
    """The id of a customer who will not be able to pay."""
    return f"troubled-{number:05}"


def profile(customer: str, now: datetime, zone: str = "Europe/Berlin") -> ProfileChanged:
    """A yes to e-mail."""
    data = ProfileChangedData(zone=zone, locale="de-DE", consent={"email": True})
    return ProfileChanged(id=f"{customer}-profile", source=SOURCE, subject=customer, time=now, data=data)


def address(customer: str, now: datetime) -> AddressChanged:
    """A mailbox."""
    data = AddressChangedData(channel="email", address=f"{customer}@example.org", name="Customer")
    return AddressChanged(id=f"{customer}-address", source=SOURCE, subject=customer, time=now, data=data)


def attempt(customer: str, now: datetime, number: int, *, succeeded: bool) -> PaymentAttempted:
    """One try to pay."""
    data = PaymentAttemptedData(
        order_id=f"{customer}-o", succeeded=succeeded, amount_minor=4990, provider=PROVIDERS[number % 2],
        reason="" if succeeded else "do_not_honor",
    )  # fmt: skip
    return PaymentAttempted(id=f"{customer}-pay-{number}", source=SOURCE, subject=customer, time=now, data=data)
