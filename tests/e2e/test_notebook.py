"""The notebooks of the docs, executed cell by cell."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]


def executed(name: str) -> list[Any]:
    """The code cells with their outputs."""
    read: Any = nbformat.read  # has no types of its own
    notebook = read(ROOT / "docs" / name, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}})
    client.execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: Any) -> str:
    return "".join(str(output) for output in cell.outputs)


def test_a_detector_goes_from_replay_to_tuned_shadowed_and_promoted() -> None:
    _, replayed, tuned, difference, compared, promoted = executed("tune.ipynb")
    assert "'text/plain': '0'" not in shown(replayed)
    assert "'floor': " in shown(tuned)
    assert "(0, 0)" not in shown(difference)
    assert "Side(messages=" in shown(compared)
    assert "'ana'" in shown(promoted)
    assert "True)" in shown(promoted)


def test_five_lines_in_a_notebook_judge_the_detectors() -> None:
    code = executed("evaluate.ipynb")
    assert sum(bool(line.strip()) for cell in code for line in cell.source.splitlines()) == 5
    said = "".join(map(shown, code))
    assert "late_delivery" in said
    assert "average_precision" in said
