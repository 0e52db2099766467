"""All sources that can be opened by name."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from desk.sources.complaints import Complaints
from desk.sources.flight_history import FlightHistory
from desk.sources.history import EmptyWindow, History
from desk.sources.mentions import Mentions
from desk.sources.nab import Nab
from desk.sources.olist import Olist
from desk.sources.series import Series
from desk.sources.shop_history import ShopHistory
from models.errors import OperatorError

DATA = "BEFOREHAND_DATA"
DEFAULT_DATA = Path("..") / "shared" / "data"
Opener = Callable[[Path, datetime | None, datetime | None], History]

SOURCES: Final[Mapping[str, Opener]] = {
    "olist": Olist,
    "flights": FlightHistory,
    "shop": ShopHistory,
    "nab": Nab,
    "series": Series,
    "mentions": Mentions,
    "complaints": Complaints,
}


class UnknownSource(OperatorError):
    """There is no such source. Operator action: the message names those that there are."""


def data_folder() -> Path:
    """Where recorded data lies: BEFOREHAND_DATA, else ../shared/data."""
    return Path(os.environ.get(DATA) or DEFAULT_DATA)


def opened(
    name: str, data: Path | None = None, since: datetime | None = None, until: datetime | None = None
) -> History:
    """The source of that name, for a window. Raises UnknownSource, SourceMissing, EmptyWindow."""
    if name not in SOURCES:
        raise UnknownSource(f"there is no source {name!r}: choose of {', '.join(SOURCES)}")
    for word, moment in (("--since", since), ("--until", until)):
        if moment is not None and moment.tzinfo is None:
            raise EmptyWindow(f"{word} {moment.isoformat()} has no zone: write it with one, such as Z")
    if since is not None and until is not None and since >= until:
        raise EmptyWindow(f"the window is empty: --since {since.isoformat()} is not before --until {until.isoformat()}")
    return SOURCES[name](data_folder() if data is None else data, since, until)
