"""What `new-detector` writes works as it stands: in a copy of the project, all checks of every detector hold for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desk.new_detector.writing import CannotWrite, write
from tests.e2e.commands import ROOT

ROOMS = (
    "beforehand",
    "deploy",
    "desk",
    "detectors",
    "ledger",
    "models",
    "notifiers",
    "streams",
    "tests",
    "pyproject.toml",
)
NEW = (
    "detectors/baskets/__init__.py", "detectors/baskets/lost_basket.py", "notifiers/templates/lost_basket.subject",
    "notifiers/templates/lost_basket.txt", "tests/scenarios/test_lost_basket.py",
)  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for room in ROOMS:
        if (ROOT / room).is_dir():
            shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / room, tmp_path / room)
    return tmp_path


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=copy, env=environment, capture_output=True, text=True, timeout=400
    )


def test_a_new_detector_passes_every_check_at_once(copy: Path) -> None:
    written = run(copy, "beforehand", "new-detector", "baskets", "lost_basket")
    assert written.returncode == 0, written.stderr
    assert {line.split(": ")[1] for line in written.stdout.splitlines()[:5]} == set(NEW)
    checked = run(
        copy, "pytest", "-q", "-p", "no:cacheprovider", "tests/scenarios/test_lost_basket.py",
        "tests/contracts/test_detectors.py", "tests/contracts/test_templates.py",
        "tests/contracts/test_detector_states.py", "-k", "lost_basket",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout[-3000:]
    assert checked.stdout.count(".") > 12  # that many checks ran
    assert run(copy, "ruff", "check", *NEW[1:2], *NEW[4:]).returncode == 0
    assert run(copy, "ruff", "format", "--check", *NEW[1:2], *NEW[4:]).returncode == 0

    again = run(copy, "beforehand", "new-detector", "baskets", "lost_basket")
    assert again.returncode not in (0, None)
    assert "choose the name of another trouble" in again.stderr


@pytest.mark.parametrize(
    ("area", "name", "event", "reason"),
    [
        ("baskets", "Lost Basket", "checkout.step.v1", "no name for it"),
        ("../x", "lost_basket", "checkout.step.v1", "AREA"),
        ("friction", "stuck_checkout", "checkout.step.v1", "another trouble"),
        ("baskets", "lost_basket", "tick.v1", "--event 'tick.v1'"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_is(
    area: str, name: str, event: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotWrite, match=reason):
        write(area, name, event, tmp_path)
    assert list(tmp_path.iterdir()) == []
