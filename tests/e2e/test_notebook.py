"""The notebook of the docs, executed cell by cell."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]


def test_five_lines_in_a_notebook_judge_the_detectors() -> None:
    read: Any = nbformat.read  # has no types of its own
    notebook = read(ROOT / "docs" / "evaluate.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(bool(line.strip()) for cell in code for line in cell.source.splitlines()) == 5
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}})
    client.execute()
    shown = "".join(str(output) for cell in code for output in cell.outputs)
    assert "late_delivery" in shown
    assert "average_precision" in shown
