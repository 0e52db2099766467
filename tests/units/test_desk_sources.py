"""Recorded sources: the rows of the references, the truth of the tables, and what is wrong in a sentence."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from beforehand.desk_commands import SOURCES
from desk.sources import histories
from desk.sources.histories import UnknownSource, opened
from desk.sources.history import EmptyWindow, History
from desk.sources.source import SourceMissing
from models.events.care_contact_opened import CareContactOpened
from models.events.catalogue import decode, encode
from models.events.metric_measured import MetricMeasured
from streams.settings import Settings


def folder_of_series(folder: Path, text: str = "timestamp,value,label\n") -> Path:
    (folder / "house").mkdir()
    (folder / "house" / "boiler.csv").write_text(text)
    return folder


POINTS = "timestamp,value,label\n2024-01-01 00:00:00,20.5,0\n2024-01-01 00:05:00,,0\n2024-01-01 00:10:00,99,1\n"


def test_a_folder_of_series_is_metrics_of_a_customer_with_labelled_windows(tmp_path: Path) -> None:
    history = opened("series", folder_of_series(tmp_path, POINTS))
    events = list(history.events())
    assert [(e.subject, e.data.value) for e in events if isinstance(e, MetricMeasured)] == [
        ("house/boiler", 20.5), ("house/boiler", 99.0),
    ]  # fmt: skip
    assert history.length == len(events) == 2, "a point without a value is no event"
    assert [ask.trouble for ask in history.questions()[0].asks] == [False, True]
    assert [one.felt_at for one in history.truth()] == [datetime(2024, 1, 1, 0, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("timestamp,values\n2024-01-01,1\n", "no column 'value'"),
        ("timestamp,value\nyesterday,1\n", "row 1, is no time"),
        ("timestamp,value\n2024-01-01,much\n", "row 1, is no number"),
        ("timestamp,value\n", "no row with a time"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises((SourceMissing, EmptyWindow), match=named):
        opened("series", folder_of_series(tmp_path, text))


def test_a_file_that_is_no_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(b"not gzipped")
    with pytest.raises(SourceMissing, match=r"x\.csv\.gz is no table"):
        opened("series", tmp_path)


@pytest.mark.parametrize("name", ["olist", "nab", "series", "mentions", "complaints"])
def test_an_empty_folder_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceMissing, match="--data"):
        opened(name, tmp_path)


def test_sources_windows_and_defaults_of_the_command_are_those_of_the_desk() -> None:
    assert SOURCES.split(", ") == list(histories.SOURCES)
    assert Settings.model_fields["data"].default == histories.DEFAULT_DATA
    with pytest.raises(UnknownSource, match="olist"):
        opened("orders")
    with pytest.raises(EmptyWindow, match="not before"):
        opened("shop", None, datetime(2025, 3, 9, tzinfo=UTC), datetime(2025, 3, 8, tzinfo=UTC))
    with pytest.raises(EmptyWindow, match="has no zone"):
        opened("shop", None, datetime(2025, 3, 9))  # noqa: DTZ001 - that is the point


def test_a_window_without_rows_says_what_there_is() -> None:
    with pytest.raises(EmptyWindow, match="the data goes from 2025-03"):
        opened("shop", None, datetime(2030, 1, 1, tzinfo=UTC))


ROWS = {
    "olist": {"promise-3d": (2146, 0.726), "promise-1d": (1737, 0.896), "promise-7d": (3287, 0.474),
              "promise-10d": (5171, 0.301), "score<=2": (7160, 0.184)},
    "flights": {"3h": (84_292, 0.110), "1h": (84_292, 0.110)},
    "complaints": {"day": (91, 3 / 91)},
    "mentions": {"mention": (8_780, 0.614)},
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_the_rows_are_those_of_the_references(recorded_data: Path, name: str) -> None:
    asked = {question.name: question for question in opened(name, recorded_data).questions()}
    assert set(asked) == set(ROWS[name])
    for question, (rows, share) in ROWS[name].items():
        asks = asked[question].asks
        assert len(asks) == rows
        assert sum(ask.trouble for ask in asks) / rows == pytest.approx(share, abs=0.0006)


@pytest.fixture(params=["olist", "nab", "mentions", "complaints"])
def history(request: pytest.FixtureRequest, recorded_data: Path) -> History:
    return opened(request.param, recorded_data)


def test_events_are_as_many_as_said_in_time_order_and_survive_their_bytes(history: History) -> None:
    events = list(history.events())
    assert len(events) == history.length
    assert all(former.time <= later.time for former, later in pairwise(events))
    some = events[:: max(1, len(events) // 500)]
    assert [decode(encode(event)) for event in some] == some
    assert len({(event.subject, event.id) for event in events}) == len(events)


def test_nab_has_its_windows_and_leaves_out_its_probation(recorded_data: Path) -> None:
    nab = opened("nab", recorded_data)
    assert len(nab.truth()) == 116
    assert nab.length == 365_558
    assert len(nab.questions()[0].asks) < 365_558 * 0.95


def test_the_surge_of_june_is_in_the_complaints_by_the_repaired_date(recorded_data: Path) -> None:
    complaints = opened("complaints", recorded_data)
    assert [one.object for one in complaints.truth() if one.trouble] == ["2015-06-23", "2015-06-24", "2015-06-25"]
    days = [f"{event.time:%m-%d}" for event in complaints.events() if isinstance(event, CareContactOpened)]
    assert [days.count(day) for day in ("06-23", "06-24", "06-25")] == [190, 218, 98]
