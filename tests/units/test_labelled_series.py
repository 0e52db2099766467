"""Series with windows of trouble: what was said of a window, and of none; and the benchmark's score beside it."""

import json
from datetime import datetime, timedelta
from io import StringIO
from math import sin, tau
from pathlib import Path

import pytest
from rich.console import Console

from beforehand.evaluating import show
from desk.evaluation import Evaluation, evaluate
from desk.reports.figures import as_json
from desk.sources.histories import opened

DAY = 288


def series(folder: Path, name: str, troubled: range, jumps: range) -> None:
    rows = []
    for row in range(5 * DAY):
        value = 100 + 30 * sin(tau * row / DAY) + sin(row * row) + (150 if row in jumps else 0)
        at = datetime(2024, 1, 1) + timedelta(minutes=5 * row)  # noqa: DTZ001 - as files have it
        rows.append(f"{at},{value:.3f},{int(row in troubled)}")
    (folder / f"{name}.csv").write_text("\n".join(["timestamp,value,label", *rows]))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder = tmp_path_factory.mktemp("series")
    series(folder, "caught", range(900, 1000), range(950, 960))
    series(folder, "missed", range(900, 1000), range(0))
    series(folder, "false", range(0), range(950, 960))
    return evaluate(opened("series", folder))


def test_windows_told_of_before_their_end_came_first(found: Evaluation) -> None:
    told = found.telling["unusual_metric"][1]
    assert told["known_first"].value == 0.5
    assert told["told_untroubled"].value == 0.5
    assert told["lead_time_median_s"].value == 49 * 300


def test_a_row_is_answered_by_what_was_said_of_its_series(found: Evaluation) -> None:
    rows = found.rows().set_index("customer_id")["probability"]
    assert rows.loc["caught"].idxmax() == "caught"
    assert rows.loc["caught"].to_numpy().argmax() == 950
    assert rows.loc["missed"].iloc[500:].max() < 0.5


def test_the_benchmarks_score_is_in_the_json_with_every_profile(found: Evaluation) -> None:
    details = json.loads(as_json(found))["details"]["unusual_metric"]
    assert set(details["nab"]) == {"standard", "reward_low_fp", "reward_low_fn"}
    standard = details["nab"]["standard"]
    assert (standard["hits"], standard["windows"]) == (1, 2)
    assert 0.0 < standard["score"] < 50.0
    assert details["point"]["rows"] == 3 * 5 * DAY


def test_the_command_shows_the_score_beside_the_windows(found: Evaluation) -> None:
    written = StringIO()
    show(found, Console(file=written, width=300))
    assert "NAB score: standard" in written.getvalue()
    assert "1 of 2 windows are met" in written.getvalue()


def test_part_of_a_series_has_no_score(tmp_path: Path) -> None:
    series(tmp_path, "one", range(900, 1000), range(950, 960))
    part = evaluate(opened("series", tmp_path, datetime.fromisoformat("2024-01-04T00:00:00+00:00")), repeats=1)
    assert part.nab == {}
