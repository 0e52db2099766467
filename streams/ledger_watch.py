"""The ledger's figures, for Prometheus, and whether it can be reached: looked at now and then by whoever uses it."""

import asyncio
from datetime import datetime
from typing import NoReturn

from ledger import counts
from ledger.database import Ledger, LedgerUnavailable
from ledger.migrate import migrate
from ledger.switches import BREAKER, OUTREACH, halted
from streams.clock import BusinessClock, real_now
from streams.ledgers import ledger_of
from streams.metrics.catalogue import (
    BREAKER_OPEN,
    DUPLICATES,
    KILL_SWITCH,
    LEDGER_ANSWERED,
    OPEN_ISSUES,
    OUTBOX_OLDEST,
    OUTBOX_ROWS,
    OUTREACH_UNKNOWN,
    SET_ASIDE_ROWS,
)
from streams.metrics.registry import METRICS, Metrics
from streams.probes.vitals import Vitals
from streams.settings import Settings

LOOK_S = 5.0
RARELY = 12


async def watch_ledger(settings: Settings, vitals: Vitals) -> NoReturn:
    """Until cancelled. A ledger that is away is noted, and asked again: giving up is for those who work with it."""
    ledger, clock = ledger_of(settings), BusinessClock(settings.clock_file)
    METRICS.put(KILL_SWITCH, not settings.outreach, "setting")
    measures, migrated = LedgerMeasures(ledger), False
    while True:
        try:
            if not migrated:
                await asyncio.to_thread(lambda: migrate(ledger))
                migrated = True
            await asyncio.to_thread(lambda: measures.take(clock.now()))
            vitals.ledger_trouble = None
        except LedgerUnavailable as error:
            vitals.ledger_trouble = str(error)
        await asyncio.sleep(LOOK_S)


class LedgerMeasures:
    """Looks at one ledger. What reads a whole table is asked for rarely."""

    def __init__(self, ledger: Ledger, metrics: Metrics = METRICS) -> None:
        self._ledger, self._metrics = ledger, metrics
        self._detectors: set[str] = set()
        self._looks = 0

    def take(self, now: datetime) -> None:
        """One look at `now` (business time). Raises `LedgerUnavailable`."""
        put = self._metrics.put
        with self._ledger.read() as connection:
            rows = counts.unfinished(connection)
            oldest = counts.oldest_due(connection, now)
            open_issues = counts.open_by_detector(connection)
            stopped = halted(connection)
            put(SET_ASIDE_ROWS, counts.records_set_aside(connection))
            if self._looks % RARELY == 0:
                put(DUPLICATES, counts.accepted_twice(connection))
        self._looks += 1
        for state, amount in rows.items():
            put(OUTBOX_ROWS, amount, state)
        put(OUTREACH_UNKNOWN, rows["UNKNOWN"])
        put(OUTBOX_OLDEST, oldest.timestamp() if oldest else 0.0)
        put(BREAKER_OPEN, BREAKER in stopped, "outreach")
        put(KILL_SWITCH, OUTREACH in stopped, "ledger")
        self._detectors |= open_issues.keys()
        for detector in self._detectors:
            put(OPEN_ISSUES, open_issues.get(detector, 0), detector)
        put(LEDGER_ANSWERED, real_now().timestamp())
