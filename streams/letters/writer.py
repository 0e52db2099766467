"""Writes what is done about letters: what is sent again and the note that it was, in one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from models.letters import Letter, LetterId, name_of
from streams.letters.failures import told
from streams.letters.reading import Handled
from streams.restore import open_producer
from streams.sending import lanes_of, send_lanes
from streams.settings import Settings
from streams.step import Output
from streams.topics import HANDLED_LETTERS

TRANSACTIONAL_ID: Final = "beforehand-dead-letters"
"""One for all: whoever begins shuts out who is at it, and ends or undoes what that one left open."""


class LetterWriter:
    """Use it as a context manager. Read what is handled only inside it: before, a commit may still follow.

    Raises `OtherRun` when somebody else begins, `LettersAway`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Any = None

    async def __aenter__(self) -> Self:
        with told(self._settings):
            self._producer = await open_producer(TRANSACTIONAL_ID, self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.wait({asyncio.ensure_future(self._producer.stop())}, timeout=3)

    async def commit(self, outputs: Sequence[Output]) -> None:
        """All of them or none."""
        with told(self._settings):
            try:
                async with asyncio.timeout(self._settings.transaction_timeout_s * 0.75):
                    await self.send(outputs)
                    await self._producer.commit_transaction()
            except BaseException:
                await self._undo()
                raise

    async def send(self, outputs: Sequence[Output]) -> None:
        """Begin a transaction and have the broker take all of it; no reader sees it yet."""
        await self._producer.begin_transaction()
        await send_lanes(self._producer, lanes_of(outputs))

    async def _undo(self) -> None:
        """A courtesy to readers: without it they wait for the transaction's timeout. It may fail in any way."""
        undoing = asyncio.ensure_future(self._producer.abort_transaction())
        await asyncio.wait({undoing}, timeout=1)
        if undoing.done() and not undoing.cancelled():
            undoing.exception()


def note(letter: Letter, did: str, at: datetime, to: str = "", repaired: bool = False) -> Output:
    """The record that says what was done; it lies in the letter's own partition."""
    handled = Handled(did, at, letter.at_ms, to, repaired)
    return HANDLED_LETTERS, letter.id[0], letter.name.encode(), msgspec.json.encode(handled), ()


def forget(letter: LetterId) -> Output:
    """The record that makes Kafka forget such a note."""
    return HANDLED_LETTERS, letter[0], name_of(letter).encode(), None, ()
