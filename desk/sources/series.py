"""Any folder of CSV files with `timestamp,value` and, where known, `label`: each file is a metric of one customer.

The file's path below the folder, without its ending, names the customer and the metric. A label other than 0 says that
something was wrong at that point. Rows without a value are left out; a zone is UTC when none is written.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from desk.questions import Ask, Question
from desk.sources.csv_tables import NEVER, Seconds, numbers, read, seconds
from desk.sources.history import History, check_window
from desk.sources.source import SourceMissing, Truth
from models.events.base import Event
from models.events.metric_measured import MetricMeasured, MetricMeasuredData

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 1e15
BEFORE = 100
FAR = 1e6
"""Where the values before were all the same, and this one is another."""
Window = tuple[int, int]
"""First and last second of a trouble, both in it."""


class Points:
    """One file, in time order."""

    def __init__(self, at: Seconds, value: npt.NDArray[np.float64], label: npt.NDArray[np.bool_] | None) -> None:
        usable = np.isfinite(value) & (np.abs(value) <= LARGEST) & (at < NEVER)
        order = np.flatnonzero(usable)[np.argsort(at[usable], kind="stable")]
        self.at, self.value = at[order], value[order]
        self.label = None if label is None else label[order]

    def windows(self) -> list[Window]:
        """Each run of labelled points."""
        if self.label is None:
            return []
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.label.astype(np.int8), [0]])))
        return [(int(self.at[start]), int(self.at[end - 1])) for start, end in edges.reshape(-1, 2).tolist()]


def series_in(source: str, folder: Path) -> dict[str, Points]:
    """Name -> points, of every .csv and .csv.gz below the folder. Raises SourceMissing."""
    paths = sorted(path for path in folder.rglob("*") if path.name.endswith((".csv", ".csv.gz")))
    if not paths:
        raise SourceMissing(f"{source}: {folder} holds no .csv or .csv.gz file: name the folder with --data")
    return {_name(path, folder): _points(source, path) for path in paths}


class Series(History):
    """Points in [since, until) are asked about; all points before are played, too."""

    name = "series"
    beat = timedelta(hours=1)

    def __init__(self, data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        self._open(series_in(self.name, data), since, until)

    def _open(
        self, series: dict[str, Points], since: datetime | None, until: datetime | None,
        windows: Mapping[str, list[Window]] | None = None,
    ) -> None:  # fmt: skip
        self._series = series
        ends = [int(at) for one in series.values() if one.at.size for at in (one.at[0], one.at[-1])]
        first, last = (_instant(at) for at in (min(ends, default=0), max(ends, default=0)))
        self.since, self.until = since or first, until or last + timedelta(seconds=1)
        start, end = (int(one.timestamp()) for one in (self.since, self.until))
        self._span = (start, end)
        self._windows = {name: one.windows() for name, one in series.items()} if windows is None else windows
        self._labelled = windows is not None or any(self._windows.values())
        asked = sum(int(((one.at >= start) & (one.at < end)).sum()) for one in series.values())
        check_window(self.name, self.since, self.until, asked, (first, last))
        self.whole = asked == sum(one.at.size for one in series.values())
        """Whether all of each series is played and asked about."""
        self.length = sum(int((one.at < end).sum()) for one in series.values())

    def probation(self, points: Points) -> int:  # noqa: ARG002 - for benchmarks that have one
        """How many first points of a series are not asked about."""
        return 0

    def events(self) -> Iterator[Event]:
        """All points in time order; at one instant by name."""
        names = list(self._series)
        at = np.concatenate([one.at for one in self._series.values()])
        which = np.repeat(np.arange(len(names)), [one.at.size for one in self._series.values()])
        place = np.concatenate([np.arange(one.at.size) for one in self._series.values()])
        order = np.lexsort((place, which, at))
        for row in order[at[order] < self._span[1]].tolist():
            name, number = names[which[row]], int(place[row])
            data = MetricMeasuredData(metric=name, value=float(self._series[name].value[number]))
            moment = _instant(int(at[row]))
            yield MetricMeasured(id=f"{number}", source=self.name, subject=name, time=moment, data=data)

    def labelled(self) -> Iterator[tuple[str, Points, list[Window]]]:
        """Each series with its windows, in the order of the questions' rows."""
        for name, points in self._series.items():
            yield name, points, list(self._windows.get(name, ()))

    def truth(self) -> list[Truth]:
        """Each window of trouble, whoever finds it. At its end it is felt at the latest."""
        start, end = self._span
        return [
            Truth(
                customer_id=name, object="", detector="", trouble=True, felt_at=_instant(last),
                promised_by=_instant(last), began_at=_instant(first), ended_at=_instant(last),
            )
            for name, windows in self._windows.items() for first, last in windows if start <= first < end
        ]  # fmt: skip

    def questions(self) -> list[Question]:
        """Every point: does it lie in a window of trouble? Nothing can be asked where nothing is labelled."""
        asks = [ask for name, points in self._series.items() for ask in self._asks(name, points) if self._labelled]
        title = "is it in trouble at this point?"
        rule = f"how many standard deviations it is away from the {BEFORE} points before"
        return [Question(name="point", title=title, asks=asks, usual=0.0, about=MetricMeasured, rule_name=rule)]

    def _asks(self, name: str, points: Points) -> Iterator[Ask]:
        start, end = self._span
        inside = np.zeros(points.at.size, np.bool_)
        for first, last in self._windows.get(name, ()):
            inside |= (points.at >= first) & (points.at <= last)
        asked = (points.at >= start) & (points.at < end)
        asked[: self.probation(points)] = False
        kind, away = {"series": name}, _away(points)
        for row in np.flatnonzero(asked).tolist():
            moment = _instant(int(points.at[row]))
            yield Ask(
                object="", customer_id=name, at=moment, trouble=bool(inside[row]), rule=float(away[row]), segment=kind
            )  # fmt: skip


def _away(points: Points) -> npt.NDArray[np.float64]:
    """How far each value is from those before it, in their standard deviations; 0 where too few are known."""
    before = pd.Series(points.value).shift(1).rolling(BEFORE, min_periods=10)
    spread = before.std().to_numpy(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.abs(points.value - before.mean().to_numpy(np.float64)) / spread
    known: npt.NDArray[np.float64] = np.nan_to_num(away, posinf=FAR)
    return known


def _points(source: str, path: Path) -> Points:
    found = read(source, path, ["timestamp", "value"], optional=["label"])
    at = seconds(source, f"{path}, timestamp", found["timestamp"])
    value = numbers(source, f"{path}, value", found["value"])
    if "label" not in found:
        return Points(at, value, None)
    label = numbers(source, f"{path}, label", found["label"])
    return Points(at, value, np.nan_to_num(label) != 0.0)


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix().removesuffix(".gz").removesuffix(".csv")[-128:]


def _instant(second: int) -> datetime:
    return EPOCH + timedelta(seconds=second)
