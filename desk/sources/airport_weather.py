"""Hourly weather at the three airports, as measurements of what their flights share."""

from datetime import UTC, datetime, timedelta
from functools import cache
from math import isfinite

from desk.sources.flight_tables import weather_table
from models.events.entity_measured import EntityMeasured, EntityMeasuredData

SOURCE = "weather"
COLUMNS = {
    "temp": "temperature_f",
    "dewp": "dew_point_f",
    "humid": "humidity_pct",
    "wind_dir": "wind_deg",
    "wind_speed": "wind_mph",
    "wind_gust": "gust_mph",
    "precip": "precipitation_in",
    "pressure": "pressure_hpa",
    "visib": "visibility_mi",
}
"""The table's columns and the names they are sent under, each ending in its unit."""

WIND_LIMIT_MPH = 200.0
"""No surface wind was ever measured above; one row of the table says 1,048 mph."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def measured(row: int) -> EntityMeasured:
    """Row `row` of the weather table as an event at the moment it was known. What was not measured is left out."""
    airport, known, values = _rows()[row]
    measures = {name: value for name, value in zip(COLUMNS.values(), values, strict=True) if _plausible(name, value)}
    # No gust is reported when there is none; leaving it out would let the last storm's gust stand.
    measures.setdefault("gust_mph", 0.0)
    return EntityMeasured(
        id=f"weather-{airport}-{known}", source=SOURCE, subject=f"airport:{airport}",
        time=EPOCH + timedelta(minutes=known), data=EntityMeasuredData(measures=measures),
    )  # fmt: skip


@cache
def _rows() -> list[tuple[str, int, tuple[float, ...]]]:
    table = weather_table()
    values = [tuple(row) for row in table[list(COLUMNS)].to_numpy(float).tolist()]
    return list(zip(table["origin"].to_list(), table["known"].to_list(), values, strict=True))


def _plausible(name: str, value: float) -> bool:
    return isfinite(value) and not (name in ("wind_mph", "gust_mph") and value > WIND_LIMIT_MPH)
