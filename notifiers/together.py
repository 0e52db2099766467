"""Small writes of many tasks, as one transaction: a commit waits for the disk, and need not do so for each."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from ledger.database import Ledger

T = TypeVar("T")
Write = Callable[[Connection], Any]


class Runner(Protocol):
    """Runs blocking work on the ledger away from the event loop, with patience while the ledger is away."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """The result of `work`."""


class Together:
    """What is asked for while a transaction runs goes into the next one. Each asker waits until its own is durable."""

    def __init__(self, ledger: Ledger, run: Runner) -> None:
        self._ledger, self._run = ledger, run
        self._waiting: list[tuple[Write, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, once committed. It may be called again, after a transaction that failed.

        Raises what `run` raises, for all that were in the transaction.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await done

    async def finish(self) -> None:
        """Wait until all that was asked for is written, or failed."""
        if self._writing is not None and not self._writing.done():
            await asyncio.wait({self._writing})

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                results = await self._run(lambda: self._in_one([work for work, _ in batch]))  # noqa: B023 - awaited
            except BaseException as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
                continue
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():
                    done.set_result(result)

    def _in_one(self, works: list[Write]) -> list[Any]:
        with self._ledger.write() as connection:
            return [work(connection) for work in works]
