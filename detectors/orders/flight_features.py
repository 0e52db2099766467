"""Flights: what is known, as of an instant, of an order and of what it shares with others, as numbers for a model.

Others are read from context alone, as sums that fade; so nothing here can know more than the stream had said by then.
Chosen on January to July 2013 against August and September (`docs/figures.md`). NaN where unknown.
"""

from math import cos, nan, radians, sin

from detectors.entities import entity_id
from detectors.knowledge import Knowledge, Known, fade, shrunk
from detectors.orders.journey import Journey

USUAL = 0.14
"""The share of trouble where nothing is known, worth `STRENGTH` cases."""
STRENGTH = 5.0

TOGETHER_S = 300.0
"""Orders that look at an entity within so long share what was worked out: a word on it is never newer anyway."""
MEASURED_FOR_S = 6 * 3600.0
LEAST_CASES = 0.05
DAY_S, HOUR_S = 86_400.0, 3600.0

_MINUTES = ("left_late_min/1h", "left_late_min/4h", "arrived_late_min/1h", "arrived_late_min/4h")
_FLOW = (*_MINUTES, "slow/30min", "slow/2h")
_STUCK = ("cancelled/3h#", "cancelled/12h#", "waiting/1d#")
AROUND: dict[str, tuple[str, ...]] = {
    "region": (*_FLOW, *_STUCK, "trouble/3h", "trouble/1d", "trouble/7d"),
    "airport": (*_FLOW, *_STUCK, "trouble/3h", "trouble/1d", "trouble/7d"),
    "carrier": (*_FLOW, *_STUCK, "trouble/3h", "trouble/1d", "trouble/7d", "trouble/30d"),
    "airport_carrier": (*_FLOW, *_STUCK, "trouble/3h", "trouble/7d"),
    "destination": (*_MINUTES, *_STUCK, "trouble/3h", "trouble/1d", "trouble/30d"),
    "airport_hour": ("trouble/7d", "trouble/30d", "trouble/30d#"),
    "flight": ("trouble/30d",),
}
"""The sums that are read of each kind of entity: a mean, or, with `#`, how much there was."""

_MEASURED = (
    "temperature_f", "dew_point_f", "humidity_pct", "wind_mph", "gust_mph", "precipitation_in", "pressure_hpa",
    "visibility_mi",
)  # fmt: skip
_DERIVED = (
    "wind_east", "wind_north", "dew_point_spread_f", "precipitation_in/3h", "precipitation_in/12h", "pressure_rise",
    "wind_rise", "visibility_mi/3h",
)  # fmt: skip
_OWN = ("ahead_min", "local_min", "weekday", "block_min")
NAMES = (
    *_OWN,
    *(f"{kind}.{name}" for kind, names in AROUND.items() for name in names),
    *(f"airport.{name}" for name in (*_MEASURED, *_DERIVED)),
)


def values(order: Journey, knowledge: Knowledge, now: float) -> tuple[float, ...]:
    """In the order of `NAMES`."""
    found, entities, airport = _own(order, now), order.entities, None
    for kind, reader in _READERS.items():
        entity = entities.get(kind)
        known = None if entity is None else knowledge.known(entity_id(kind, entity))
        found += reader.unknown if known is None else reader.read(known, now)
        if kind == "airport":
            airport = known
    return found + (_NO_WEATHER if airport is None else _WEATHER.read(airport, now))


class _Reader:
    """What is said of one kind of entity, kept beside the word it was made of."""

    def __init__(self, sums: tuple[str, ...]) -> None:
        self._sums = [(name.rstrip("#"), name.endswith("#"), name.startswith("trouble")) for name in sums]
        self.unknown = (nan,) * len(sums)

    def read(self, known: Known, now: float) -> tuple[float, ...]:
        """As of `now`, to five minutes."""
        place = now // TOGETHER_S
        former = known.memo.get(self)
        if former is not None and former[0] == place:
            kept: tuple[float, ...] = former[1]
            return kept
        found = self._read(known, place * TOGETHER_S - known.at)
        known.memo[self] = (place, found)
        return found

    def _read(self, known: Known, elapsed_s: float) -> tuple[float, ...]:
        found, sums = [], known.data.sums
        for name, counts, shares in self._sums:
            fading = sums.get(name)
            if fading is None:
                found.append(0.0 if counts else USUAL if shares else nan)
                continue
            left = fade(fading, elapsed_s)
            cases = fading.weight * left
            if counts:
                found.append(cases if shares else fading.total * left)
            elif shares:
                found.append(shrunk(cases, fading.total * left, USUAL, STRENGTH))
            else:
                found.append(fading.total / fading.weight if cases > LEAST_CASES else nan)
        return tuple(found)


class _Weather(_Reader):
    """The weather of an airport: the newest measurements, and what they rose or fell by."""

    def __init__(self) -> None:
        super().__init__(())

    def _read(self, known: Known, elapsed_s: float) -> tuple[float, ...]:
        if elapsed_s > MEASURED_FOR_S or not known.data.measures:
            return _NO_WEATHER
        get = known.data.measures.get
        now = tuple(get(name, nan) for name in _MEASURED)
        wind, bearing = get("wind_mph", nan), radians(get("wind_deg", nan))
        rain, sums = [], known.data.sums
        for name in ("precipitation_in/3h", "precipitation_in/12h"):
            fading = sums.get(name)
            rain.append(nan if fading is None else fading.total * fade(fading, elapsed_s))
        return (
            *now,
            wind * sin(bearing),
            wind * cos(bearing),
            get("temperature_f", nan) - get("dew_point_f", nan),
            *rain,
            get("pressure_hpa", nan) - _mean(known, "pressure_hpa/6h"),
            wind - _mean(known, "wind_mph/6h"),
            _mean(known, "visibility_mi/3h"),
        )


def _mean(known: Known, name: str) -> float:
    fading = known.data.sums.get(name)
    return nan if fading is None or fading.weight <= 0.0 else fading.total / fading.weight


def _own(order: Journey, now: float) -> tuple[float, ...]:
    """Minutes ahead, local minute of the day, weekday from Monday on, planned minutes on the way."""
    due = order.next_due
    ahead, block = (due - now) / 60.0, (order.promised - due) / 60.0
    hour = order.entities.get("airport_hour", "")[-2:]
    if not hour.isdigit():
        return ahead, nan, nan, block
    local = float(hour) * HOUR_S + due % HOUR_S
    east = (local - due % DAY_S + DAY_S / 2) % DAY_S - DAY_S / 2  # of Greenwich, in seconds of the clock
    return ahead, local / 60.0, ((due + east) // DAY_S + 3.0) % 7.0, block


_NO_WEATHER = (nan,) * len((*_MEASURED, *_DERIVED))
_READERS = {kind: _Reader(sums) for kind, sums in AROUND.items()}
_WEATHER = _Weather()
