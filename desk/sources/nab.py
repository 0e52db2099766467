"""The Numenta Anomaly Benchmark: 58 series with their labelled windows (Lavin & Ahmad 2015)."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from desk.sources.series import Points, Series, Window, series_in
from desk.sources.source import SourceMissing

PROBATION_SHARE, PROBATION_MOST = 0.15, 750
"""The benchmark's own rule: the first 15 % of a file, 750 rows at most, are not judged."""
LABELS = Path("labels") / "combined_windows.json"


class Nab(Series):
    """`data`/nab or `data`: `data/` with the series and `labels/combined_windows.json`."""

    name = "nab"
    beat = timedelta(hours=1)

    def __init__(self, data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        folder = next((one for one in (data / "nab", data) if (one / LABELS).is_file()), None)
        if folder is None:
            raise SourceMissing(
                f"nab: there is neither {data / 'nab' / LABELS} nor {data / LABELS}: "
                "name the folder with --data or BEFOREHAND_DATA"
            )
        series = series_in(self.name, folder / "data")
        windows = windows_of(folder / LABELS)
        self._open(series, since, until, {name: windows.get(name, []) for name in series})

    def probation(self, points: Points) -> int:
        """As the benchmark has it."""
        return min(int(points.at.size * PROBATION_SHARE), PROBATION_MOST)


def windows_of(path: Path) -> dict[str, list[Window]]:
    """Name of a series -> its windows. Raises SourceMissing when the file holds none."""
    try:
        found = json.loads(path.read_text())
        return {
            name.removesuffix(".csv"): [(_second(first), _second(last)) for first, last in windows]
            for name, windows in found.items()
        }
    except (ValueError, AttributeError, TypeError) as error:
        raise SourceMissing(f"nab: {path} is no file of label windows ({type(error).__name__}): replace it") from error


def _second(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())
