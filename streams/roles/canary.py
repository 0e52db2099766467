"""canary: now and then a customer who does not exist has a trouble, to see that the whole way is open."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import structlog
from aiokafka.errors import KafkaError

from detectors.friction.payment_retry_loop import PaymentRetryLoop
from ledger.canaries import forget
from ledger.database import LedgerUnavailable
from models.canary import canary_of
from models.events.payment_attempted import PaymentAttempted
from models.partitions import partition_of
from streams.clock import BusinessClock, elapsed, real_now
from streams.feed import Item, feed
from streams.ledgers import ledger_of
from streams.metrics.catalogue import CANARY_EVERY
from streams.metrics.registry import METRICS
from streams.patience import pause_or_stop
from streams.probes.look import Look
from streams.probes.vitals import VITALS
from streams.settings import Settings

KEPT = timedelta(days=1)
"""How long the ledger holds what was decided about canaries."""
SEND_S = 30.0


class Beats:
    """Whether the role goes on. That Kafka is away is no illness of ours: a missed canary is what the alert is for."""

    def __init__(self) -> None:
        self._kafka_away = False
        self._came_at = elapsed()

    def note(self, *, kafka_away: bool) -> None:
        """Another beat."""
        self._came_at, self._kafka_away = elapsed(), kafka_away

    def look(self) -> Look:
        """As it stands."""
        return Look(away="Kafka" if self._kafka_away else "")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Send canaries until `stop`; none with `canary_s` 0, and none under a replay's clock."""
    beats = Beats()
    VITALS.watch("canary", beats)
    every_s = settings.canary_s if settings.clock_file is None else 0.0
    METRICS.put(CANARY_EVERY, every_s, "canary")
    if not every_s:
        await stop.wait()
        return
    clock, log = BusinessClock(), structlog.get_logger("beforehand").bind(role="canary")
    while not stop.is_set():
        try:
            async with asyncio.timeout(SEND_S):
                await feed(settings, canaries(clock.now(), settings), progress=lambda _count, _at: None)
            beats.note(kafka_away=False)
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("canary_not_sent", error=type(error).__name__)
            beats.note(kafka_away=True)
        await _tidy(settings)
        await pause_or_stop(stop, settings.canary_s)


def canaries(now: datetime, settings: Settings) -> Iterable[Item]:
    """The events of the beat at `now`: one canary's payments fail, and the one before it pays at last.

    Each beat has a canary of its own, so that they come to lie in many partitions. Two senders of the same beat send
    the same ids, of which the second is dropped.
    """
    beat = int(now.timestamp() // settings.canary_s)
    for number, event in enumerate(PaymentRetryLoop.stories_by_severity()[-1]):
        assert isinstance(event, PaymentAttempted)  # noqa: S101 - narrows the type: the detector's own story
        yield _item(event, beat, f"failed-{number}", now, settings.partitions)
    paid = PaymentAttempted.example()
    paid = msgspec.structs.replace(paid, data=msgspec.structs.replace(paid.data, succeeded=True))
    yield _item(paid, beat - 1, "paid", now, settings.partitions)


def _item(event: PaymentAttempted, beat: int, what: str, now: datetime, partitions: int) -> Item:
    canary, order = canary_of(beat % partitions), f"canary-{beat}"
    data = msgspec.structs.replace(event.data, order_id=order)
    sent = msgspec.structs.replace(
        event, id=f"{order}-{what}", source="canary", subject=canary, time=now, data=data
    )  # fmt: skip
    return event.topic, partition_of(canary, partitions), sent


async def _tidy(settings: Settings) -> None:
    ledger = ledger_of(settings)

    def work() -> None:
        with ledger.write() as connection:
            forget(connection, real_now() - KEPT)

    try:
        await asyncio.to_thread(work)
    except LedgerUnavailable:
        return  # next time
