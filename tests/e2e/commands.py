"""Commands as a person types them: processes of their own, in a folder of the test's."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

Here = Callable[..., subprocess.CompletedProcess[str]]
"""A command in the test's own process, by its words and folder (the fixture `here`)."""

ROOT = Path(__file__).resolve().parents[2]


def started(words: Sequence[str], folder: Path, **variables: str) -> subprocess.Popen[str]:
    """`beforehand` with these words and BEFOREHAND_ variables, in `folder`; its output goes to a pipe."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BEFOREHAND_")}
    environment |= {f"BEFOREHAND_{name.upper()}": value for name, value in variables.items()}
    environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "300"}
    return subprocess.Popen(
        [sys.executable, "-m", "beforehand", *words],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def typed(
    words: Sequence[str], folder: Path, timeout_s: float = 90, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The same, to its end."""
    process = started(words, folder, **variables)
    try:
        out, errors = process.communicate(timeout=timeout_s)
    finally:
        process.kill()
    return subprocess.CompletedProcess(list(words), process.returncode, out, errors)


def assert_refused(found: subprocess.CompletedProcess[str], *words: str) -> None:
    """One sentence with these words, an exit code, no traceback."""
    said = found.stdout + found.stderr
    assert found.returncode not in (0, None), said
    assert "Traceback" not in said
    assert [line for line in found.stderr.splitlines() if line.startswith("beforehand: ")] == found.stderr.splitlines()
    for word in words:
        assert word in said, said
