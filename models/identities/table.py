"""The table of identities of one partition: links, and events that wait for one, within bounds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush

import msgspec

from models.identities.messages import Awaiting, Linked

LINK, WAIT = b"link:", b"wait:"
MOST_ASKED = 4
"""Identities that one event may be asked of: more would be a ring."""


class Bounds(msgspec.Struct, frozen=True):
    """`wait`: how long an event waits; `most`: how many wait in a partition; `keep`: how long a link is remembered."""

    wait: timedelta = timedelta(hours=1)
    most: int = 10_000
    keep: timedelta = timedelta(days=90)


class Found(msgspec.Struct, frozen=True):
    """Whose an event is: a customer's, or (not `known`) to be asked of another identity."""

    awaiting: Awaiting
    to: str
    known: bool


class Unresolved(msgspec.Struct, frozen=True):
    """Nobody said in time whose it is."""

    awaiting: Awaiting
    detail: str


class _Link(msgspec.Struct, array_like=True):
    to: str
    known: bool
    at: datetime


class _Wait(msgspec.Struct, array_like=True):
    number: int
    until: datetime
    awaiting: Awaiting


Answer = Found | Unresolved


class Identities:
    """Links and waiting events. The same calls give the same answers, whether restored in between or not."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._links: dict[str, _Link] = {}
        self._waits: dict[int, _Wait] = {}
        self._of: dict[str, list[int]] = {}
        self._due: list[tuple[datetime, str]] = []
        self._next = 0
        self._touched: dict[bytes, None] = {}

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one piece of state. Raises `msgspec.DecodeError`."""
        if key.startswith(LINK):
            identity = key[len(LINK) :].decode()
            link = self._links[identity] = _LINK.decode(value)
            heappush(self._due, (link.at + self._bounds.keep, identity))
        elif key.startswith(WAIT):
            wait = _WAIT.decode(value)
            self._waits[wait.number] = wait
            numbers = self._of.setdefault(wait.awaiting.identity, [])
            numbers.append(wait.number)
            numbers.sort()
            self._next = max(self._next, wait.number + 1)

    def link(self, linked: Linked, now: datetime) -> Iterator[Answer]:
        """Somebody said who it is; the newest word counts. Gives back who waited for it, in their order."""
        self._links[linked.identity] = _Link(linked.to, linked.known, now)
        heappush(self._due, (now + self._bounds.keep, linked.identity))
        self._touch(LINK, linked.identity)
        for number in self._of.pop(linked.identity, ()):
            yield self._answer(self._pop(number), linked.to, known=linked.known)

    def ask(self, awaiting: Awaiting, now: datetime) -> Iterator[Answer]:
        """Whose is it? Waits when nobody knows; the one that has waited longest gives way when too many do."""
        link = self._links.get(awaiting.identity)
        if link is not None:
            yield self._answer(awaiting, link.to, known=link.known)
            return
        self._waits[self._next] = _Wait(self._next, now + self._bounds.wait, awaiting)
        self._of.setdefault(awaiting.identity, []).append(self._next)
        self._touch(WAIT, str(self._next))
        self._next += 1
        if len(self._waits) > self._bounds.most:
            yield Unresolved(self._drop(min(self._waits)), "too many events wait for an identity")

    def expire(self, now: datetime) -> Iterator[Answer]:
        """What has waited long enough by `now`; links that nobody renewed are forgotten."""
        for number in sorted(self._waits):
            if self._waits[number].until > now:
                break
            yield Unresolved(self._drop(number), f"nobody said whose it is within {self._bounds.wait}")
        while self._due and self._due[0][0] <= now:
            _, identity = heappop(self._due)
            link = self._links.get(identity)
            if link is not None and link.at + self._bounds.keep <= now:
                del self._links[identity]
                self._touch(LINK, identity)

    def drain(self) -> list[tuple[bytes, bytes | None]]:
        """Every touched piece of state, once; None for what is gone."""
        touched, self._touched = self._touched, {}
        return [(key, self._encoded(key)) for key in touched]

    def _encoded(self, key: bytes) -> bytes | None:
        found: _Link | _Wait | None
        if key.startswith(LINK):
            found = self._links.get(key[len(LINK) :].decode())
        else:
            found = self._waits.get(int(key[len(WAIT) :]))
        return None if found is None else msgspec.json.encode(found)

    def _answer(self, awaiting: Awaiting, to: str, *, known: bool) -> Answer:
        if not known and (to in awaiting.asked or len(awaiting.asked) >= MOST_ASKED):
            return Unresolved(awaiting, "the identities point at each other")
        return Found(awaiting, to, known)

    def _drop(self, number: int) -> Awaiting:
        awaiting = self._pop(number)
        left = [other for other in self._of.pop(awaiting.identity) if other != number]
        if left:
            self._of[awaiting.identity] = left
        return awaiting

    def _pop(self, number: int) -> Awaiting:
        self._touch(WAIT, str(number))
        return self._waits.pop(number).awaiting

    def _touch(self, kind: bytes, name: str) -> None:
        self._touched[kind + name.encode()] = None


_LINK = msgspec.json.Decoder(_Link)
_WAIT = msgspec.json.Decoder(_Wait)
