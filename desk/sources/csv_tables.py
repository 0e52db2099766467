"""Tables of a source's folder, with the errors that a person can mend."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from desk.sources.source import SourceMissing

Seconds = npt.NDArray[np.int64]
NEVER = np.int64(2**40)
"""Stands where an instant does not exist, in seconds since 1970."""


def folder_of(source: str, given: Path, name: str, holds: str) -> Path:
    """The source's folder: `given`/`name`, or `given` itself when it holds the file `holds`. Raises SourceMissing."""
    for folder in (given / name, given):
        if _found(folder, holds) is not None:
            return folder
    raise SourceMissing(
        f"{source}: there is neither {given / name / holds}.csv.gz nor {given / holds}.csv.gz (nor .csv): "
        "name the folder with --data or BEFOREHAND_DATA"
    )


def table(source: str, folder: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """The columns of `folder`/`name`.csv or .csv.gz, all as text. Raises SourceMissing, naming file and column."""
    path = _found(folder, name)
    if path is None:
        raise SourceMissing(f"{source}: {folder / name}.csv.gz is missing: put it there, or name another --data")
    return read(source, path, columns)


def read(source: str, path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """One file. Empty fields are NaN. Raises SourceMissing when it cannot be read or a column is not there."""
    try:
        there = pd.read_csv(path, nrows=0).columns
        if missing := [column for column in columns if column not in there]:
            raise SourceMissing(f"{source}: {path} has no column {missing[0]!r}: add it, or name another --data")
        wanted = [*columns, *(column for column in optional if column in there)]
        return pd.read_csv(path, usecols=wanted, dtype=str)[wanted]
    except (OSError, ValueError, EOFError, pd.errors.ParserError) as error:
        raise SourceMissing(
            f"{source}: {path} is no table that can be read ({type(error).__name__}): replace the file"
        ) from error


def seconds(source: str, where: str, texts: "pd.Series[Any]", pattern: str = "ISO8601") -> Seconds:
    """Texts as seconds since 1970, without a zone taken as UTC; empty ones are NEVER. Raises SourceMissing."""
    moments = pd.to_datetime(texts, format=pattern, errors="coerce", utc=True)
    absent = texts.isna().to_numpy()
    if (wrong := np.flatnonzero(moments.isna().to_numpy() & ~absent)).size:
        raise SourceMissing(
            f"{source}: {where}, row {wrong[0] + 1}, is no time: correct it, such as 2017-11-24 12:00:00"
        )
    since = moments.fillna(pd.Timestamp(0, tz="UTC")) - pd.Timestamp(0, tz="UTC")
    return np.where(absent, NEVER, np.asarray(since // pd.Timedelta(seconds=1), np.int64))


def numbers(source: str, where: str, texts: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    """Texts as numbers, empty ones NaN. Raises SourceMissing."""
    found = pd.to_numeric(texts, errors="coerce")
    if (wrong := np.flatnonzero(found.isna().to_numpy() & ~texts.isna().to_numpy())).size:
        raise SourceMissing(f"{source}: {where}, row {wrong[0] + 1}, is no number: correct it")
    return found.to_numpy(np.float64)


def _found(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / f"{name}.csv.gz", folder / f"{name}.csv") if path.is_file()), None)
