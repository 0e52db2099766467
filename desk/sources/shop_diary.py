"""What one customer of the simulated shop lives through in one story: events, and the truth of what was trouble."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np

from desk.sources.source import Truth
from models.events.base import Event, Payload
from models.events.care_contact_closed import CareContactClosed, CareContactClosedData
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData

SOURCE = "shop"
CALLS_SHARE = 0.5
"""Of those in trouble, so many turn to us about it; the others leave it at that."""

CALL_TAKES = timedelta(minutes=15)


class Diary:
    """Written by one story for one customer. `calm`: `hits` never says yes. `everything`: `owns` always does."""

    def __init__(
        self, customer: str, story: str, rng: np.random.Generator, *, calm: bool, everything: bool = False
    ) -> None:
        self.customer, self.rng = customer, rng
        self.events: list[Event] = []
        self.truths: list[Truth] = []
        self._story, self._calm, self._everything = story, calm, everything

    def write(self, kind: type[Event], at: datetime, data: Payload) -> None:
        """Something happened."""
        name = self.next_id()
        make: Callable[..., Event] = kind
        self.events.append(make(id=name, source=SOURCE, subject=self.customer, time=at, data=data))

    def next_id(self) -> str:
        """The id of what is written next."""
        return f"{self.customer}-{self._story}-{len(self.events)}"

    def has(self, share: float) -> bool:
        """A chance."""
        return bool(self.rng.random() < share)

    def owns(self, share: float) -> bool:
        """Whether this story is told of the customer."""
        return bool(self.rng.random() < share) or self._everything

    def hits(self, share: float) -> bool:
        """Whether trouble hits them."""
        return bool(self.rng.random() < share) and not self._calm

    def between(self, least: float, most: float) -> float:
        """Anything from `least` to `most`."""
        return float(self.rng.uniform(least, most))

    def about(self, median: float, spread: float) -> float:
        """Log-normal: half are below `median`; two in three within a factor of exp(`spread`)."""
        return float(median * np.exp(self.rng.normal(0.0, spread)))

    def troubled(
        self, detector: str, thing: str, began: datetime, patience: timedelta, ended: datetime | None = None
    ) -> None:
        """Trouble: after `patience` half of them turn to us, unless it has `ended` by then."""
        call = began + patience
        calls = self.has(CALLS_SHARE) and (ended is None or call < ended)
        if calls:
            name = f"{self.customer}-{self._story}-{len(self.truths)}"
            self.write(CareContactOpened, call, CareContactOpenedData(contact_id=name))
            self.write(CareContactClosed, call + CALL_TAKES, CareContactClosedData(contact_id=name))
        self._note(detector, thing, began, call, ended, trouble=True, called=call if calls else None)

    def untroubled(self, detector: str, thing: str, began: datetime, due: datetime, ended: datetime | None) -> None:
        """It could have been trouble, and was none."""
        self._note(detector, thing, began, due, ended, trouble=False, called=None)

    def _note(
        self, detector: str, thing: str, began: datetime, felt: datetime, ended: datetime | None,
        *, trouble: bool, called: datetime | None,
    ) -> None:  # fmt: skip
        self.truths.append(
            Truth(
                customer_id=self.customer, object=thing, detector=detector, trouble=trouble, felt_at=felt,
                promised_by=felt, ended_at=ended, began_at=began, called_at=called,
            )
        )  # fmt: skip


def seconds(count: float) -> timedelta:
    """In whole microseconds, as events carry them."""
    return timedelta(seconds=count)


def minutes(count: float) -> timedelta:
    """The same for minutes."""
    return timedelta(minutes=count)


def days(count: float) -> timedelta:
    """The same for days."""
    return timedelta(days=count)
