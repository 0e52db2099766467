"""What is offered to customers in their open sessions, until one of their pages says that it was shown.

All in memory and bounded. An offer goes to one session at a time: the newest that listens; to the next when that one
goes; and to a page that comes back, from where it left off.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

MOST_SESSIONS, MOST_OF_ONE, MOST_WAITING = 10_000, 8, 16
"""Sessions of all, sessions of one customer, offers that wait in one session."""
RESUME_S = 30.0
"""How long a session that nobody listens to is kept for its page to come back."""
_REMEMBERED = 10_000


class Full(Exception):
    """No room for another session, or for another offer in one."""


class Offer:
    """One notification as its bytes on the stream. `shown` is done when a page has said so."""

    def __init__(self, customer_id: str, outreach_id: str, event: bytes) -> None:
        self.customer_id, self.outreach_id, self.event = customer_id, outreach_id, event
        self.shown: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.written = False
        """A byte of it may have left."""
        self.over = False
        """Not to be written any more."""
        self.given_to: Session | None = None


class Session:
    """One page of one customer. `waiting` holds what its stream has to write; None ends it."""

    def __init__(self, session_id: str, customer_id: str) -> None:
        self.session_id, self.customer_id = session_id, customer_id
        self.waiting: asyncio.Queue[Offer | None] = asyncio.Queue()
        self.listening = False
        self.idle: asyncio.TimerHandle | None = None

    def give(self, offer: Offer) -> None:
        """Put it in line. Raises `Full`."""
        if self.waiting.qsize() >= MOST_WAITING:
            raise Full
        offer.given_to = self
        self.waiting.put_nowait(offer)


class Offers:
    """Sessions and offers of one process. `arrived` is told of each customer who begins to listen."""

    def __init__(self, random_id: Callable[[], str], arrived: Callable[[str], None]) -> None:
        self._random_id, self._arrived = random_id, arrived
        self._sessions: dict[str, Session] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._of: dict[str, list[Session]] = {}
        self._offers: dict[str, dict[str, Offer]] = {}
        self._seen: OrderedDict[tuple[str, str], bool] = OrderedDict()
        """What was offered, and whether a page said that it was shown; the oldest is forgotten first."""

    def begin(self, customer_id: str, until: datetime, now: datetime) -> str:
        """A session that ends at `until`; the name by which its page listens. Raises `Full`."""
        own = self._of.get(customer_id, [])
        if len(own) >= MOST_OF_ONE:
            self.end(own[0])
        if len(self._sessions) >= MOST_SESSIONS:
            raise Full
        session = Session(self._random_id(), customer_id)
        self._sessions[session.session_id] = session
        self._of.setdefault(customer_id, []).append(session)
        self._timers[session.session_id] = asyncio.get_running_loop().call_later(
            (until - now).total_seconds(), self.end, session
        )
        self._idle(session)
        return session.session_id

    def listen(self, session_id: str, last_event_id: str) -> Session | None:
        """The session, with everything to be written from here on; None when there is no such session (any more).

        `last_event_id`: the newest offer that the page has, empty when it has none. A former listener is cut off.
        """
        former = self._sessions.get(session_id)
        if former is None:
            return None
        session = Session(session_id, former.customer_id)
        former.waiting.put_nowait(None)
        _stop(former.idle)
        own = self._of[session.customer_id]
        own.remove(former)
        own.append(session)
        session.listening, self._sessions[session_id] = True, session
        offers = list(self._offers.get(session.customer_id, {}).values())
        names = [one.outreach_id for one in offers]
        known = names.index(last_event_id) + 1 if last_event_id in names else 0
        for place, offer in enumerate(offers):
            if offer.given_to is former or offer.given_to is None or not offer.given_to.listening:
                offer.given_to = session
                if place >= known:
                    session.waiting.put_nowait(offer)
        self._arrived(session.customer_id)
        return session

    def leave(self, session: Session) -> None:
        """Its stream has ended; the page may come back. Another page of the customer gets what it leaves behind."""
        session.listening = False
        if self._sessions.get(session.session_id) is session:
            self._idle(session)
        other = self._newest(session.customer_id)
        for offer in self._offers.get(session.customer_id, {}).values():
            if other is not None and offer.given_to is session:
                offer.given_to = other
                other.waiting.put_nowait(offer)

    def end(self, session: Session) -> None:
        """It cannot be listened to any more; its stream ends."""
        current = self._sessions.get(session.session_id)
        if current is None or current.customer_id != session.customer_id:
            return
        del self._sessions[session.session_id]
        own = self._of[session.customer_id]
        own.remove(current)
        if not own:
            del self._of[session.customer_id]
        current.waiting.put_nowait(None)
        _stop(current.idle)
        _stop(self._timers.pop(session.session_id, None))

    def end_all(self) -> None:
        """End every session."""
        for session in list(self._sessions.values()):
            self.end(session)

    def offer(self, customer_id: str, outreach_id: str, event: bytes) -> Offer | None:
        """Offer it to the newest page that listens; None: nobody does. Raises `Full`.

        Done at once when a page has said meanwhile that an earlier offer of the same id was shown.
        """
        offer = Offer(customer_id, outreach_id, event)
        if self._seen.get((customer_id, outreach_id)):
            offer.shown.set_result(None)
            return offer
        session = self._newest(customer_id)
        if session is None:
            return None
        session.give(offer)
        self._offers.setdefault(customer_id, {})[outreach_id] = offer
        self._remember(customer_id, outreach_id, shown=False)
        return offer

    def withdraw(self, offer: Offer) -> None:
        """Nobody waits for it any more: what was not written stays so."""
        offer.over = True
        own = self._offers.get(offer.customer_id, {})
        if own.get(offer.outreach_id) is offer:
            del own[offer.outreach_id]
            if not own:
                del self._offers[offer.customer_id]

    def shown(self, customer_id: str, outreach_id: str) -> bool:
        """A page of this customer says that it was shown. False: it was never offered to them."""
        if (customer_id, outreach_id) not in self._seen:
            return False
        self._remember(customer_id, outreach_id, shown=True)
        offer = self._offers.get(customer_id, {}).get(outreach_id)
        if offer is not None and not offer.shown.done():
            offer.shown.set_result(None)
        return True

    def _newest(self, customer_id: str) -> Session | None:
        return next((one for one in reversed(self._of.get(customer_id, [])) if one.listening), None)

    def _remember(self, customer_id: str, outreach_id: str, *, shown: bool) -> None:
        self._seen[customer_id, outreach_id] = shown or self._seen.get((customer_id, outreach_id), False)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _idle(self, session: Session) -> None:
        session.idle = asyncio.get_running_loop().call_later(RESUME_S, self.end, session)


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
