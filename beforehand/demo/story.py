"""Which history the demo plays, and from when on it may speak."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from desk.sources.flights import Flights
from desk.sources.shop import ALL_STORIES, START, Shop
from desk.sources.source import Source


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`live_since` to `live_until` is played `rate` times as fast as life, all before it at full speed in shadow."""

    source: Callable[[], Source]
    live_since: datetime
    live_until: datetime
    rate: float
    beat: timedelta
    """How often, in event time, the producer vouches for what it has sent."""
    title: str
    pages: int = 0
    """So many customers come at the end, with the shop's page open, and get stuck in its checkout."""


# New York is five hours behind UTC in winter.
_FLIGHTS = Story(
    source=lambda: Flights(datetime(2013, 1, 1, 5, tzinfo=UTC), datetime(2013, 2, 11, 5, tzinfo=UTC)),
    live_since=datetime(2013, 2, 7, 5, tzinfo=UTC),
    live_until=datetime(2013, 2, 10, 5, tzinfo=UTC),
    rate=2_400.0,
    beat=timedelta(minutes=5),
    title="flights from New York: January 2013 in shadow, then the blizzard of 7 to 9 February",
)
_SHOP = Story(
    source=lambda: Shop(customers=4_000, seed=1, duration=timedelta(days=70), stories=ALL_STORIES),
    live_since=START + timedelta(days=64),
    live_until=START + timedelta(days=67),
    rate=2_400.0,
    beat=timedelta(minutes=15),
    title="a simulated shop: nine weeks in shadow, then three days aloud, with trouble of every kind",
    pages=5,
)
STORIES: Final[Mapping[str, Story]] = {"flights": _FLIGHTS, "shop": _SHOP}
