"""The figures of detection come through pipeline, context and learn: their benches know no feature code."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ("detection", "detection_table", "olist", "nab", "causes", "mentions")
ALLOWED = {"detectors.catalogue", "detectors.detector"}
"""Which detectors there are, and their type."""


def imports(path: Path) -> set[str]:
    """Every module that a file names, `from a import b` as both `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def reached(names: tuple[str, ...]) -> dict[str, set[str]]:
    """The benches and all of `bench` that they rest on, with what each imports."""
    found: dict[str, set[str]] = {}
    waiting = [f"bench.{name}" for name in names]
    while waiting:
        module = waiting.pop()
        path = ROOT / Path(*module.split(".")).with_suffix(".py")
        if module not in found and path.is_file():
            found[module] = imports(path)
            waiting += [name for name in found[module] if name.startswith("bench.")]
    return found


def features(modules: set[str]) -> set[str]:
    """What of it is detection's inside."""
    return {
        name
        for name in modules
        if name.split(".")[0] == "detectors"
        and name != "detectors"
        and not any(name == one or name.startswith(f"{one}.") for one in ALLOWED)
    }


def test_no_bench_of_detection_imports_feature_code() -> None:
    found = reached(BENCHES)
    assert {"bench.detection", "bench.olist", "bench.flight_signals"} <= set(found)
    assert {name: features(modules) for name, modules in found.items() if features(modules)} == {}


def test_the_check_sees_feature_code(tmp_path: Path) -> None:
    written = tmp_path / "bench.py"
    written.write_text("from detectors.orders import flight_features\nimport detectors.context.fading\n")
    assert features(imports(written)) == {
        "detectors.orders", "detectors.orders.flight_features", "detectors.context.fading",
    }  # fmt: skip
