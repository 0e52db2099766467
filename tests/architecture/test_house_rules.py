"""The bar for the code, as far as a test can hold it."""

import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["models", "detectors", "ledger", "notifiers", "streams", "desk", "beforehand", "deploy"]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_file_is_over_300_lines() -> None:
    assert [(path.name, lines(path)) for path in sources(*ROOMS, "bench", "tests") if lines(path) > 300] == []


def test_the_median_file_has_at_most_110_lines() -> None:
    assert median(lines(path) for path in sources(*ROOMS)) <= 110


def test_every_folder_at_the_top_is_a_room_that_the_linter_knows() -> None:
    known = {*ROOMS, "bench", "tests", "docs", "requirements", "impact", "console"}
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert found - known == set()


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler", "info", "data"}
    assert [path for path in sources(*ROOMS) if path.stem in empty] == []


@pytest.mark.parametrize("room", ["models", "detectors", "ledger", "notifiers", "desk", "streams"])
def test_a_room_named_like_a_package_on_the_index_is_ours(room: str) -> None:
    code = f"import {room}; print({room}.__path__[0])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).parent == ROOT


def test_an_offline_run_loads_neither_faust_nor_any_channel() -> None:
    rooms = "desk.offline, desk.replay, desk.evaluation, desk.explaining, desk.reports.page, desk.sources.histories"
    code = f"import sys, {rooms}; print('\\n'.join(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {
        name for name in found.stdout.split() if name.split(".")[0] in ("faust", "aiokafka", "notifiers", "kafka")
    }
    assert loaded == set()


def test_no_file_of_ours_is_exempt_from_types_or_names_a_machine() -> None:
    config = (ROOT / "pyproject.toml").read_text()
    assert "ignore_errors" not in config
    assert "follow_imports" not in config
