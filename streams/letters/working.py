"""Goes through letters that nobody has handled yet, in small transactions, at a pace."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from datetime import datetime

import msgspec

from models.letters import Letter
from streams.clock import elapsed, real_now
from streams.letters.reading import Wanted, done_about, gone, handled_letters, letters
from streams.letters.writer import LetterWriter, forget
from streams.settings import Settings
from streams.step import Output

AT_ONCE = 100
"""Letters in one transaction, at most: a reader of the source waits for its end."""

AT_ONCE_BYTES = 4 << 20
_A_BEAT_S = 0.25

Judge = Callable[[Letter, datetime], list[Output] | str]
"""What to write about a letter, its note included, or why it is left. The time is for the note."""


class Tally(msgspec.Struct):
    """Letters by reason, and how many were left, by why."""

    done: Counter[str] = msgspec.field(default_factory=Counter)
    left: Counter[str] = msgspec.field(default_factory=Counter)


class Pace(msgspec.Struct, frozen=True):
    """`most` letters in all, `rate` of them per second; None: no bound. `dry`: nothing is written."""

    most: int | None = None
    rate: float | None = None
    dry: bool = False

    @property
    def at_once(self) -> int:
        """Letters in one transaction: a fourth of a second's worth."""
        return AT_ONCE if self.rate is None else max(1, min(AT_ONCE, int(self.rate * _A_BEAT_S)))


async def work(
    settings: Settings, wanted: Wanted, judge: Judge, pace: Pace, progress: Callable[[int], None] = lambda _: None
) -> Tally:
    """Judge every wanted letter that is not handled, and write what is to be written.

    A letter's outputs and its note are in one transaction: killed anywhere, the next run goes on behind the last one.
    `progress` is told after each transaction how many letters are done. Raises `OtherRun`, `LettersAway`.
    """
    tally = Tally()
    async with AsyncExitStack() as open_until:
        writer = None if pace.dry else await open_until.enter_async_context(LetterWriter(settings))
        handled = await handled_letters(settings)  # behind the writer's start: nothing can be added any more
        out = _Out(writer, pace, progress)
        if writer is not None:
            out.also([forget(letter) for letter in await gone(settings, handled)])
        source = await open_until.enter_async_context(aclosing(letters(settings, wanted)))  # type: ignore[type-var]
        async for letter in source:
            if done_about(letter, handled) is not None:
                continue
            if pace.most is not None and tally.done.total() >= pace.most:
                break
            judged = judge(letter, real_now())
            if isinstance(judged, str):
                tally.left[judged] += 1
            else:
                tally.done[letter.reason] += 1
                await out.take(judged)
        await out.write()
    return tally


class _Out:
    """Collects what is to be written until a transaction is worth it. `writer` None: it is thrown away."""

    def __init__(self, writer: LetterWriter | None, pace: Pace, progress: Callable[[int], None]) -> None:
        self._writer, self._pace, self._progress = writer, pace, progress
        self._began = elapsed()
        self._outputs: list[Output] = []
        self._letters = self._bytes = self._done = 0

    def also(self, outputs: list[Output]) -> None:
        """To go with the next transaction."""
        self._outputs += outputs

    async def take(self, outputs: list[Output]) -> None:
        """Of one letter."""
        if self._writer is None:
            return
        self._outputs += outputs
        self._letters += 1
        self._bytes += sum(len(value or b"") for _, _, _, value, _ in outputs)
        if self._letters >= self._pace.at_once or self._bytes >= AT_ONCE_BYTES:
            await self.write()

    async def write(self) -> None:
        """What there is, and then wait until the next is due."""
        if self._writer is None or not self._outputs:
            return
        await self._writer.commit(self._outputs)
        self._done += self._letters
        self._outputs, self._letters, self._bytes = [], 0, 0
        self._progress(self._done)
        if self._pace.rate is not None:
            await asyncio.sleep(self._done / self._pace.rate - (elapsed() - self._began))
