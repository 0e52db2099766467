"""How far this machine's clock is from the broker's, asked without leaving a trace."""

import asyncio

from aiokafka.errors import KafkaError

from models.errors import OperatorError
from streams.clock import real_now
from streams.restore import open_producer
from streams.settings import Settings
from streams.topics import DEAD_LETTERS

TRANSACTIONAL_ID = "beforehand-doctor"


class ClockNotAsked(OperatorError):
    """The broker did not take a record. Operator action: see the message."""


def clock_offset_s(settings: Settings) -> float:
    """Seconds that our clock is ahead of the broker's, to about half a round trip. Raises `ClockNotAsked`.

    Writes one record into a transaction that is then aborted, so nobody ever reads it: topics of ours carry the time at
    which the broker took a record (`LogAppendTime`), and it is told in the answer.
    """
    try:
        return asyncio.run(_ask(settings))
    except (KafkaError, OSError, TimeoutError) as error:
        raise ClockNotAsked(
            f"the broker did not take a record into {DEAD_LETTERS} ({type(error).__name__}): see the broker's log"
        ) from None


async def _ask(settings: Settings) -> float:
    producer = await open_producer(TRANSACTIONAL_ID, settings)
    try:
        await producer.begin_transaction()
        before = real_now().timestamp()
        told = await producer.send_and_wait(DEAD_LETTERS, b"doctor", partition=0)
        after = real_now().timestamp()
        await producer.abort_transaction()
    finally:
        await producer.stop()
    return (before + after) / 2 - float(told.timestamp) / 1000
