"""Feeds a story to a running stack: the history at full speed, the live days in step with the scaled clock."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from datetime import datetime
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from beforehand.demo.figures import Figures, Observer
from beforehand.demo.pace import Pace
from beforehand.demo.story import Story
from beforehand.demo.view import View
from desk.sources.feed import Sent, feed
from models.partitions import partition_of
from streams.clock import BusinessClock, elapsed, set_clock
from streams.feed import feed as send
from streams.settings import Settings
from streams.topics import ADDRESSES

LOOK_S = 0.125
LAG_EVERY_S = 0.5
QUIET_LAG = 40
"""The ends of transactions take offsets too: so many may stay unread when all is read."""
QUIET_LOOKS = 5
DRAIN_S = 120.0


class Played(msgspec.Struct):
    """What was fed: how many events, up to which business time, and how long the live part took.

    `slow_s`: of the live part, how long the clock went slowly for a machine that did not follow.
    `pages_s`: of those who were told in their open page, seconds from the refusal that made it a trouble.
    """

    events: int
    at: datetime
    live_s: float = 0.0
    slow_s: float = 0.0
    pages_s: list[float] = []


class Play:
    """One run of one story. `settings` are those of a running stack, `clock_file` its clock."""

    def __init__(self, story: Story, settings: Settings, clock_file: Path, mails: Path, console: Console) -> None:
        self._story = story
        self._settings = settings
        self._clock_file = clock_file
        self._clock = BusinessClock(clock_file)
        self._observer = Observer(settings, mails)
        self._view = View(console, story.title)
        self._looks = 0
        self._figures = Figures()
        self._pace = Pace(clock_file, story.rate)
        self._aloud_now = False
        source = story.source()
        self._addresses = source.addresses()
        self._history, self._live = _split(feed(source.events(), settings.partitions, story.beat), story.live_since)
        self._first, self._history = _peek(self._history)
        self._played = Played(events=0, at=self._first)

    async def play(self) -> Played:
        """History, live days, and all that is still under way after them."""
        measuring = asyncio.create_task(self._measure())
        try:
            with self._view:
                await self._shadow()
                await self._aloud()
        finally:
            measuring.cancel()
            self._observer.close()
        return self._played

    async def _shadow(self) -> None:
        self._view.phase("history, in shadow")
        places = ((ADDRESSES, partition_of(one.subject, self._settings.partitions), one) for one in self._addresses)
        span = self._story.live_since - self._first
        sending = send(self._settings, chain(places, self._history), progress=self._note)
        await self._watch(sending, lambda: (self._played.at - self._first) / span)
        await self._watch(self._drained(), lambda: 1.0)

    async def _aloud(self) -> None:
        self._view.phase("live, aloud")
        since, until = self._story.live_since, self._story.live_until
        started_s = elapsed()
        set_clock(self._clock_file, since, self._story.rate)
        self._aloud_now = True
        due = takewhile(lambda item: item[2].time < until, self._live)
        sending = send(self._settings, due, now=self._clock.now, progress=self._note)
        await self._watch(sending, lambda: (self._clock.now() - since) / (until - since))
        self._aloud_now = False
        self._pace.go_on(elapsed())
        await self._watch(self._drained(), lambda: 1.0)
        self._played.live_s, self._played.slow_s = elapsed() - started_s, self._pace.slow_s

    def _note(self, count: int, at: datetime) -> None:
        self._played.events += count
        self._played.at = max(at, self._played.at)

    async def _watch(self, work: Coroutine[Any, Any, object], done: Callable[[], float]) -> None:
        """Do the work and draw meanwhile."""
        task = asyncio.create_task(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=LOOK_S)
                self._view.show(elapsed(), min(1.0, done()), self._clock.now(), self._played.events, self._figures)
        finally:
            task.cancel()
        task.result()

    async def _measure(self) -> None:
        while True:
            await asyncio.to_thread(self._observer.measure_lag)
            self._figures = await asyncio.to_thread(self._observer.look)
            self._looks += 1
            if self._aloud_now:
                self._pace.look(self._figures, elapsed())
            await asyncio.sleep(LAG_EVERY_S)

    async def _drained(self) -> None:
        """Return when a few looks in a row have found nothing waiting and nothing new, or after `DRAIN_S`."""
        ends_s, quiet, before, looked = elapsed() + DRAIN_S, 0, self._figures, self._looks
        while quiet < QUIET_LOOKS and elapsed() < ends_s:
            await asyncio.sleep(LOOK_S)
            if self._looks == looked:
                continue
            now, looked = self._figures, self._looks
            same = (now.decided, now.accepted) == (before.decided, before.accepted)
            quiet = quiet + 1 if same and now.under_way == 0 and sum(now.lag.values()) <= QUIET_LAG else 0
            before = now


def _split(items: Iterator[Sent], at: datetime) -> tuple[Iterator[Sent], Iterator[Sent]]:
    """What happens before `at`, and the rest; the first must be read to its end before the second."""
    beyond: list[Sent] = []

    def before() -> Iterator[Sent]:
        for item in items:
            if item[2].time >= at:
                beyond.append(item)
                return
            yield item

    return before(), (item for items_ in (beyond, items) for item in items_)


def _peek(items: Iterator[Sent]) -> tuple[datetime, Iterator[Sent]]:
    """When the first of at least one happens, and all of them."""
    first = next(items)
    rest: Iterable[Sent] = items
    return first[2].time, chain([first], rest)
