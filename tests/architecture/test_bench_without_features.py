"""The figures of detection come through pipeline, context and learn: no bench works out a feature beside them."""

import ast
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from bench import detection_table

ROOT = Path(__file__).resolve().parents[2]
OPEN = ("detectors.catalogue", "detectors.detector")
"""Which detectors there are, and their type: all that a bench of detection may know."""

INSIDE = {
    "context_contenders": "compares the fading sum itself with an exact window",
    "learning": "compares the online family itself with river's, on examples of its own",
    "million_customers": "measures the room of a pipeline, no figure of detection",
    "pipeline_cost": "measures the time and room of a pipeline, no figure of detection",
    "season": "plays devices and visits of its own through a pipeline of one detector",
    "shop_scores": "reads how large a customer's state is",
}
"""Benches that open detection up on purpose, and why. None of the figures of detection may rest on them."""

WHOLE = (
    "detectors.pipeline", "detectors.outputs", "detectors.challengers", "detectors.context.partition",
    "detectors.learning.partition", "detectors.memory", "detectors.bounds", "detectors.peers",
    "detectors.readings",
)  # fmt: skip
"""What the desk puts together, each as a whole: events in, issues, examples and snapshots out; parameters."""


def imports(path: Path, root: Path = ROOT) -> set[str]:
    """Every module that a file names, `from a import b` as both `a` and `a.b`, also by its name in a text."""
    found: set[str] = set()
    package = path.relative_to(root).parent.parts if path.is_relative_to(root) else ()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *((node.module,) if node.module else ())))
            found |= {module, *(f"{module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("detectors."):
            found.add(node.value)
    return found


def reached(names: Iterable[str], root: Path = ROOT) -> dict[str, set[str]]:
    """The benches and all of `bench` and `desk` that they rest on, with what each imports."""
    found: dict[str, set[str]] = {}
    waiting = [f"bench.{name}" for name in names]
    while waiting:
        module = waiting.pop()
        path = root / Path(*module.split(".")).with_suffix(".py")
        if module not in found and path.is_file():
            found[module] = imports(path, root)
            waiting += [name for name in found[module] if name.split(".")[0] in ("bench", "desk")]
    return found


def features(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """What of it is detection's inside, by who imports it."""
    inside = {}
    for module, names in found.items():
        allowed = OPEN if module.startswith("bench.") else OPEN + WHOLE
        some = {name for name in names if name.startswith("detectors.") and not _is_of(name, allowed)}
        if some:
            inside[module] = some
    return inside


def _is_of(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def all_benches() -> set[str]:
    return {path.stem for path in (ROOT / "bench").glob("*.py") if path.stem != "__init__"}


def test_no_bench_imports_feature_code_but_those_that_say_why() -> None:
    found = reached(all_benches() - INSIDE.keys())
    assert {name: some for name, some in features(found).items() if name not in _modules(INSIDE)} == {}
    assert {"desk.offline", "bench.olist", "bench.flight_signals"} <= found.keys()


def test_no_figure_of_detection_rests_on_a_bench_that_opens_detection_up() -> None:
    table = reached((*detection_table.BENCHES, "detection_table"))
    assert {f"bench.{name}" for name in detection_table.BENCHES} <= table.keys()
    assert table.keys() & _modules(INSIDE) == set()
    assert features(table) == {}


def test_who_opens_detection_up_still_does() -> None:
    opened = features({f"bench.{name}": imports(ROOT / "bench" / f"{name}.py") for name in INSIDE})
    assert opened.keys() == _modules(INSIDE), "strike out of the list what is no exception any more"


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("bench/olist.py", "from detectors.orders import parcel_features"),
        ("bench/rows.py", "from detectors.orders.parcel_features import values"),
        ("bench/flight_signals.py", "import detectors.context.fading"),
        ("bench/detection_scores.py", "def late(): from detectors.propensity.complaint_features import values"),
        ("bench/mentions.py", "from importlib import import_module; X = import_module('detectors.voice.text')"),
        ("bench/nab.py", "from ..detectors.telemetry import senses"),
        ("desk/offline.py", "from detectors.propensity.complaint_features import values"),
    ],
)
def test_feature_code_is_seen_wherever_a_figure_comes_by(file: str, line: str, tmp_path: Path) -> None:
    for folder in ("bench", "desk"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("results", "__pycache__"))
    assert features(reached(detection_table.BENCHES, tmp_path)) == {}
    with (tmp_path / file).open("a") as changed:
        changed.write(f"\n{line}\n")
    module = file.removesuffix(".py").replace("/", ".")
    assert features(reached(detection_table.BENCHES, tmp_path)).keys() == {module}


def _modules(names: Iterable[str]) -> set[str]:
    return {f"bench.{name}" for name in names}
