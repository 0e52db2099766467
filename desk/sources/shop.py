"""A simulated shop: customers, orders, payments, care contacts, and the hidden truth of who got into trouble.

The same parameters give the same events with the same ids on every machine with the same numpy (its PCG64 streams are
stable by promise, NEP 19, the distributions in practice). Customers join evenly over `duration`; each is drawn from a
generator of their own, so a larger shop holds other customers, not the same and more. Further stories (`STORIES`) are
drawn from generators beside it: whether they are told or not, orders and payments stay the same.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from desk.sources.shop_diary import Diary
from desk.sources.shop_orders import OrderLife
from desk.sources.shop_payments import SOURCE, pay
from desk.sources.shop_stories import ALL_STORIES, STORIES
from desk.sources.shop_world import LOCALES, ZONES, disruptions
from desk.sources.source import Truth
from models.events.address_changed import AddressChanged, AddressChangedData
from models.events.base import Event
from models.events.profile_changed import ProfileChanged, ProfileChangedData

START = datetime(2025, 3, 1, tzinfo=UTC)
CONSENT: tuple[dict[str, bool], ...] = ({"email": True}, {"email": False}, {})
CONSENT_SHARES = (0.88, 0.07, 0.05)
OPTS_OUT_SHARE = 0.03

__all__ = ["ALL_STORIES", "START", "Shop"]


class _Customer(msgspec.Struct, frozen=True):
    events: list[Event]
    truths: list[Truth]


class Shop:
    """`customers` join over `duration` from `start`; parcels travel up to two weeks longer. Memory: open lives only.

    `stories` names what is told beside orders and payments; `ALL_STORIES` are all, and of the longest the last events
    lie `shop_usage.GOES_ON` behind the end. `calm`: no disruptions and nobody in trouble, only what looks like it.
    `everything`: every customer has every story, also those that few have.
    Raises ValueError when there would be no customer or no time, or for a story that there is not.
    """

    name = SOURCE

    def __init__(
        self,
        customers: int = 2000,
        seed: int = 1,
        start: datetime = START,
        duration: timedelta = timedelta(days=14),
        *,
        stories: Sequence[str] = (),
        calm: bool = False,
        everything: bool = False,
    ) -> None:
        if customers < 1 or duration <= timedelta(0) or start.tzinfo is None:
            raise ValueError("shop: needs at least one customer, a duration above zero and an aware start")
        if unknown := set(stories) - set(STORIES):
            raise ValueError(f"shop: no such story: {', '.join(sorted(unknown))}; there are {', '.join(STORIES)}")
        self._stories, self._calm, self._everything = stories, calm, everything
        self._customers, self._seed, self._start, self._duration = customers, seed, start, duration
        self.disruptions = [] if calm else disruptions(np.random.default_rng(seed), start, duration)

    def events(self) -> Iterator[Event]:
        """All events in time order; at one instant by id."""
        waiting: list[tuple[datetime, str, Event]] = []
        for number in range(self._customers):
            joins = self._joins(number)
            while waiting and waiting[0][0] < joins:
                yield heapq.heappop(waiting)[2]
            for event in self._life(number).events:
                heapq.heappush(waiting, (event.time, event.id, event))
        while waiting:
            yield heapq.heappop(waiting)[2]

    def addresses(self) -> Iterator[AddressChanged]:
        """One mailbox per customer, from the day they join."""
        for number in range(self._customers):
            name = self._name(number)
            data = AddressChangedData(channel="email", address=f"{name}@example.org", name=f"Customer {number}")
            yield AddressChanged(id=f"{name}-address", source=SOURCE, subject=name, time=self._joins(number), data=data)

    def truth(self) -> Iterator[Truth]:
        """Everything that could have been trouble, such as every order and every series of payments."""
        for number in range(self._customers):
            yield from self._life(number).truths

    def _life(self, number: int) -> _Customer:
        rng = np.random.default_rng([self._seed, number])
        name, at = self._name(number), self._joins(number)
        events: list[Event] = list(self._profiles(name, at, rng))
        truths: list[Truth] = []
        for turn in range(1 + int(rng.poisson(0.3))):
            order, amount = f"{name}-o{turn}", int(rng.integers(500, 20_000))
            at += timedelta(seconds=int(rng.integers(60, 3600)) + turn * int(rng.integers(0, 4 * 86_400)))
            payments = pay(name, order, amount, at, rng, calm=self._calm)
            events += payments.events
            truths.append(payments.truth)
            if payments.paid_at is not None:
                life = OrderLife(name, order, payments.paid_at + timedelta(seconds=30), rng)
                played = life.play(amount, None if self._calm else self.disruptions)
                events += played.events
                truths.append(played.truth)
        for story in self._stories:
            diary = Diary(name, story, self._generator(number, story), calm=self._calm, everything=self._everything)
            STORIES[story](diary, self._joins(number), self._start + self._duration)
            events += diary.events
            truths += diary.truths
        return _Customer(events, truths)

    def _generator(self, number: int, story: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, number, *story.encode()])

    def _profiles(self, name: str, at: datetime, rng: np.random.Generator) -> Iterator[ProfileChanged]:
        zone = str(rng.choice(ZONES))
        consent = CONSENT[int(rng.choice(3, p=CONSENT_SHARES))]
        data = ProfileChangedData(zone=zone, locale=LOCALES.get(zone, "en-US"), consent=consent)
        yield ProfileChanged(id=f"{name}-profile", source=SOURCE, subject=name, time=at, data=data)
        if rng.random() < OPTS_OUT_SHARE:
            later = at + timedelta(hours=float(rng.uniform(1, 96)))
            out = ProfileChangedData(consent={"*": False})
            yield ProfileChanged(id=f"{name}-opt-out", source=SOURCE, subject=name, time=later, data=out)

    def _joins(self, number: int) -> datetime:
        return self._start + self._duration * (number / self._customers)

    def _name(self, number: int) -> str:
        return f"c-{number:07}"
