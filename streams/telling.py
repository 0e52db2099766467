"""Tells the journal what customers were told: at least once, with the id of the message, which makes it once.

First the record is in Kafka, then the ledger says so: whatever ends a process between the two, the next one writes the
same record again, and twice says no more than once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from ledger.database import Ledger, LedgerUnavailable
from ledger.told import Word, known_to_journal, unknown_to_journal
from models.events.customer_told import CustomerTold, CustomerToldData
from models.partitions import partition_of
from notifiers.channels.catalogue import all_channels
from streams.feed import feed
from streams.patience import pause_or_stop
from streams.settings import Settings
from streams.topics import JOURNAL

AT_ONCE = 1_000
LOOK_S = 1.0
"""Between two looks into the ledger: a label that our words may have changed takes longer to come about."""
AWAY_S = 5.0
"""Before it tries again when Kafka or the ledger did not answer."""
SEND_S = 30.0

Write = Callable[[Sequence[CustomerTold]], Awaitable[None]]


async def keep_telling(ledger: Ledger, settings: Settings, stop: asyncio.Event) -> None:
    """Until `stop`. While Kafka or the ledger is away nothing is lost: it is still on record as not told."""
    log = structlog.get_logger("beforehand").bind(role="decide")

    async def write(events: Sequence[CustomerTold]) -> None:
        items = [(JOURNAL, partition_of(one.subject, settings.partitions), one) for one in events]
        async with asyncio.timeout(SEND_S):
            await feed(settings, items, progress=lambda _count, _at: None)

    while not stop.is_set():
        try:
            pause = 0.0 if await tell_journal(ledger, write) == AT_ONCE else LOOK_S
        except (KafkaError, OSError, TimeoutError, LedgerUnavailable) as error:
            log.warning("journal_not_told", error=type(error).__name__)
            pause = AWAY_S
        if pause:
            await pause_or_stop(stop, pause)


async def beside(other: Coroutine[Any, Any, None], main: Coroutine[Any, Any, None]) -> None:
    """Run `main` to its end, with `other` going on meanwhile. Raises what either of them raises first."""
    tasks = [asyncio.ensure_future(main), asyncio.ensure_future(other)]
    try:
        waiting = set(tasks)
        while not tasks[0].done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def tell_journal(ledger: Ledger, write: Write) -> int:
    """Write what the journal does not know yet, as far as one round goes; how many. Raises what `write` raises."""
    words = await asyncio.to_thread(lambda: _unknown(ledger))
    if words:
        await write([told(word) for word in words])
        await asyncio.to_thread(lambda: _known(ledger, words))
    return len(words)


def told(word: Word) -> CustomerTold:
    """The event of one message: no address, and nothing of what it says."""
    data = CustomerToldData(
        issue_id=word.issue_id, detector=word.detector, object=word.object, channel=word.channel, certain=word.certain
    )
    return CustomerTold(
        id=f"told-{word.outreach_id}", source="outreach", subject=word.customer_id, time=word.at, data=data
    )


def _unknown(ledger: Ledger) -> list[Word]:
    nobody = [name for name, channel in all_channels().items() if not channel.reaches]
    with ledger.read() as connection:
        return unknown_to_journal(connection, nobody, AT_ONCE)


def _known(ledger: Ledger, words: Sequence[Word]) -> None:
    with ledger.write() as connection:
        known_to_journal(connection, [word.outreach_id for word in words])
