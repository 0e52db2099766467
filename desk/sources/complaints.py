"""Complaints to a cable company, 2015: each a care contact; on 23 to 25 June hundreds had one cause.

`date_fixed` is the date: in the raw one day and month are swapped.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from desk.questions import Ask, Question
from desk.sources.complaint_surge import SURGE, ComplaintSurge
from desk.sources.csv_tables import folder_of, seconds, table
from desk.sources.history import History, check_window
from desk.sources.source import Truth
from detectors.detector import Detector, Params
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData

COLUMNS = ["Ticket #", "Time", "Received Via", "City", "State", "date_fixed"]
EARLY_H = 12
TIMES = 5.0
"""A day with so many times the median of complaints is a surge."""


class Complaints(History):
    """Complaints made before `until`; days that end after `since` are asked about."""

    name = "complaints"
    beat = timedelta(minutes=5)

    def __init__(self, data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        file = "complaints_fixed_dates"
        found = table(self.name, folder_of(self.name, data, "comcast_complaints", file), file, COLUMNS)
        moments = found["date_fixed"] + " " + found["Time"]
        found["at"] = seconds(self.name, f"{file}, date_fixed and Time", moments, "%Y-%m-%d %I:%M:%S %p")
        found = found.dropna(subset=COLUMNS).sort_values(["at", "Ticket #"], ignore_index=True)
        at = found["at"].to_numpy(np.int64)
        first, last = (datetime.fromtimestamp(int(one), UTC) for one in ((at[0], at[-1]) if at.size else (0, 0)))
        self.since, self.until = since or first, until or last + timedelta(seconds=1)
        self._days = Counter(f"{datetime.fromtimestamp(int(one), UTC):%Y-%m-%d}" for one in at)
        played = at < int(self.until.timestamp())
        inside = (at >= int(self.since.timestamp())) & played
        check_window(self.name, self.since, self.until, int(inside.sum()), (first, last))
        self._rows: list[dict[Hashable, Any]] = found[played].to_dict("records")
        self.length = len(self._rows)

    def listeners(self) -> list[Detector[Any, Any]]:
        """Who repeats what the open causes say."""
        return [ComplaintSurge(Params())]

    def events(self) -> Iterator[Event]:
        """In time order. Who complained is not in the table: each is somebody else."""
        for row in self._rows:
            ticket = row["Ticket #"]
            entities = {"state": row["State"], "city": f"{row['City']}, {row['State']}"}
            data = CareContactOpenedData(contact_id=ticket, via=row["Received Via"], entities=entities)
            yield CareContactOpened(id=ticket, source=self.name, subject=f"by-{ticket}", time=_at(row), data=data)

    def truth(self) -> list[Truth]:
        """Whether a day was one of a surge."""
        usual = median(self._days.values())
        found = []
        for day, count in sorted(self._days.items()):
            begins = datetime.fromisoformat(f"{day}T00:00:00+00:00")
            if begins + timedelta(days=1) > self.since and begins < self.until:
                found.append(
                    Truth(
                        customer_id="", object=day, detector=SURGE, trouble=count >= TIMES * usual,
                        felt_at=begins + timedelta(days=1), promised_by=begins + timedelta(days=1),
                    )
                )  # fmt: skip
        return found

    def questions(self) -> list[Question]:
        """Whether a day was one of a surge, asked at its end. The rule: how many complained in its first hours."""
        early = Counter(f"{at:%Y-%m-%d}" for row in self._rows if (at := _at(row)).hour < EARLY_H)
        asks = [
            Ask(
                object=one.object, customer_id="", at=one.felt_at, trouble=one.trouble, rule=float(early[one.object]),
                segment={},
            )
            for one in self.truth()
        ]  # fmt: skip
        return [
            Question(
                name="day", title="did many complain for one reason?", asks=asks, usual=0.0, detector=SURGE,
                rule_name=f"how many complained before {EARLY_H}:00",
            )
        ]  # fmt: skip


def _at(row: dict[Hashable, Any]) -> datetime:
    return datetime.fromtimestamp(int(row["at"]), UTC)
