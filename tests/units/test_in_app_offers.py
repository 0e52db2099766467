"""Sessions and offers, whatever pages do and in whatever order: bounded, forgotten, and nobody else's."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from notifiers.sessions.offers import MOST_OF_ONE, Full, Offer, Offers, Session
from tests.outreach import NOW

CUSTOMERS = ("a", "b", "c")


class Play:
    """Random steps, and what must hold after each."""

    def __init__(self, seed: int) -> None:
        self.random, self.names = Random(seed), iter(f"{number:032x}" for number in range(10**6))
        self.offers = Offers(lambda: next(self.names), lambda _customer: None)
        self.sessions: list[tuple[str, str]] = []
        self.listening: list[Session] = []
        self.waiting: list[Offer] = []
        self.read: list[tuple[Session, Offer]] = []
        often = [self.begin, self.listen, self.listen, self.offer, self.offer, self.offer]
        self.steps = [*often, *often, self.leave, self.leave, self.withdraw, self.withdraw, self.end]

    def step(self, number: int) -> None:
        customer = self.random.choice(CUSTOMERS)
        what = self.random.choice(self.steps)
        what(customer, number)
        for session in self.listening:
            while not session.waiting.empty():
                offer = session.waiting.get_nowait()
                if offer is not None and not offer.over and offer.given_to is session:
                    assert offer.customer_id == session.customer_id
                    assert offer.event.decode() == f"{offer.customer_id}-{offer.outreach_id}"
                    self.read.append((session, offer))
        for customer in CUSTOMERS:
            assert len(self.offers._of.get(customer, [])) <= MOST_OF_ONE

    def begin(self, customer: str, _: int) -> None:
        self.sessions.append((self.offers.begin(customer, NOW + timedelta(hours=1), NOW), customer))

    def listen(self, _: str, __: int) -> None:
        if not self.sessions:
            return
        name, customer = self.random.choice(self.sessions)
        last = self.random.choice(["", "x", *(offer.outreach_id for offer in self.waiting)])
        session = self.offers.listen(name, last)
        if session is not None:
            assert session.customer_id == customer
            self.listening.append(session)

    def leave(self, _: str, __: int) -> None:
        if self.listening:
            self.offers.leave(self.listening.pop(self.random.randrange(len(self.listening))))

    def end(self, _: str, __: int) -> None:
        if self.listening:
            self.offers.end(self.random.choice(self.listening))

    def offer(self, customer: str, number: int) -> None:
        try:
            offer = self.offers.offer(customer, str(number), f"{customer}-{number}".encode())
        except Full:
            return
        if offer is not None:
            self.waiting.append(offer)

    def withdraw(self, _: str, __: int) -> None:
        if self.waiting:
            self.offers.withdraw(self.waiting.pop(0))


@pytest.mark.parametrize("seed", range(20))
def test_an_offer_reaches_its_own_customer_only_and_nothing_stays_when_all_have_gone(seed: int) -> None:
    async def work() -> None:
        play = Play(seed)
        for number in range(400):
            play.step(number)
        assert len(play.read) > 10
        for offer in play.waiting:
            play.offers.withdraw(offer)
        play.offers.end_all()
        assert (play.offers._sessions, play.offers._of, play.offers._offers, play.offers._timers) == ({}, {}, {}, {})

    asyncio.run(work())
