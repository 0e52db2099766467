"""The flights, opened for a window: trouble foretold three hours and one hour before departure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from desk.questions import Ask, Question
from desk.sources.flight_events import SOURCE
from desk.sources.flight_rule import late_share
from desk.sources.flight_tables import flight_table
from desk.sources.flights import TROUBLE_MIN, Flights
from desk.sources.history import History, check_window
from desk.sources.source import Truth
from models.events.base import Event

ASKED_FROM = datetime(2013, 10, 1, 4, tzinfo=UTC)
"""The first day after those that `late_delivery` was fitted on."""
WARM_UP = timedelta(days=30)
LOOKS = {"3h": 180, "1h": 60}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FlightHistory(History):
    """Flights that depart in [since, until) are asked about; those of the thirty days before warm up."""

    name = SOURCE
    beat = timedelta(minutes=1)  # the timetable's: a look is then made at its instant
    tail = timedelta(hours=12)

    def __init__(self, _data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        due = flight_table().due
        first, last = EPOCH + timedelta(minutes=int(due[0])), EPOCH + timedelta(minutes=int(due[-1]))
        self.until = until or last + timedelta(minutes=1)
        self.since = since or (ASKED_FROM if self.until > ASKED_FROM else first + WARM_UP)
        start, end = (int((one - EPOCH).total_seconds() // 60) for one in (self.since, self.until))
        self._rows = range(*np.searchsorted(due, [start, end]).tolist())
        check_window(SOURCE, self.since, self.until, len(self._rows), (first, last))
        self._flights = Flights(self.since - WARM_UP, self.until, in_full=True)
        self.length = len(self._flights)

    def events(self) -> Iterator[Event]:
        """As they became known."""
        return self._flights.events()

    def truth(self) -> list[Truth]:
        """Every flight of the window."""
        return list(Flights(self.since, self.until).truth())

    def questions(self) -> list[Question]:
        """P(trouble) at both looks; the rule is the share of late or cancelled departures at the airport lately."""
        return [self._question(look, minutes, self.truth()) for look, minutes in LOOKS.items()]

    def _question(self, look: str, minutes: int, truths: list[Truth]) -> Question:
        table = flight_table()
        shares = late_share(table, minutes)
        before = shares[: self._rows.start]
        unknown = float(np.nanmedian(before)) if (~np.isnan(before)).any() else 0.0
        trouble = table.arrived[: self._rows.start] >= table.promised[: self._rows.start] + TROUBLE_MIN
        asks = [
            Ask(
                object=truth.object, customer_id=truth.customer_id, trouble=truth.trouble,
                at=truth.felt_at - timedelta(minutes=minutes),
                rule=unknown if np.isnan(shares[row]) else float(shares[row]),
                segment={"airport": table.origin[row], "airline": table.carrier[row], "month": table.day[row][:6]},
            )
            for row, truth in zip(self._rows, truths, strict=True)
        ]  # fmt: skip
        return Question(
            name=look,
            title=f"cancelled, diverted or 45 minutes late, asked {minutes // 60} h before departure",
            asks=asks,
            usual=float(trouble.mean()) if trouble.size else 0.0,
            detector="late_delivery",
            rule_name="share of late or cancelled departures of the airport in the last two hours",
        )
