"""A source, opened for a window: what is played, from when on it is asked about, and what is asked."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from desk.questions import Question
from desk.sources.source import Truth
from detectors.detector import Detector
from models.errors import OperatorError
from models.events.base import Event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""What a source without any row gives as its beginning and end."""


class EmptyWindow(OperatorError):
    """Nothing of the source lies in the window. Operator action: the message says what there is."""


class History(ABC):
    """Rows in [since, until) are asked about; what comes before warms detectors up. All instants are aware UTC."""

    name: ClassVar[str]
    beat: ClassVar[timedelta]
    """How often, in the time of events, the producer says how far it is."""
    tail: ClassVar[timedelta] = timedelta(0)
    """How long it goes on saying so after the last event."""
    since: datetime
    until: datetime
    length: int
    """How many events there are."""

    def listeners(self) -> Sequence[Detector[Any, Any]]:
        """Detectors that do not ship and only judge this source, beside all that do."""
        return ()

    @abstractmethod
    def events(self) -> Iterator[Event]:
        """All events in the order in which they became known; `time` never goes back."""

    @abstractmethod
    def truth(self) -> Sequence[Truth]:
        """What really happened to each object whose trouble would be felt in the window."""

    @abstractmethod
    def questions(self) -> list[Question]:
        """What is asked, the most telling first."""


def check_window(name: str, since: datetime, until: datetime, rows: int, there: tuple[datetime, datetime]) -> None:
    """Raises EmptyWindow when nothing lies in the window."""
    if rows:
        return
    if there[0] == there[1] == EPOCH:
        raise EmptyWindow(f"{name}: there is no row with a time in the data: name another --data")
    first, last = (f"{one:%Y-%m-%dT%H:%MZ}" for one in there)
    raise EmptyWindow(
        f"{name}: nothing lies from {since:%Y-%m-%dT%H:%MZ} until {until:%Y-%m-%dT%H:%MZ}; "
        f"the data goes from {first} to {last}: choose --since and --until inside"
    )
