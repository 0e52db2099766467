"""All figures of detection in one table: ours beside null, rule and reference, per data set, and what to reach.

Runs each bench of detection as a process of its own, gathers its `rows()`, prints one table and writes one file. A
bench whose data is not there, or that is not there itself, is named with the reason; its rows are missing, not held.

    python -m bench.detection_table            runs all of them; writes bench/results/bench_detection.json
    python -m bench.detection_table --again    gathers what they wrote last
"""

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import msgspec

from bench.rows import Row, printed

RESULT = Path(__file__).parent / "results" / "bench_detection.json"
BENCHES = ("detection", "olist", "nab", "causes", "mentions", "cold_start")


class Missing(msgspec.Struct, frozen=True):
    """A bench without rows, and why."""

    bench: str
    why: str


class Table(msgspec.Struct):
    """What the file holds."""

    rows: list[Row]
    missing: list[Missing]


def gathered(benches: tuple[str, ...], *, run: bool) -> Table:
    """The rows of each bench; where there are none, why."""
    table = Table([], [])
    for name in benches:
        why = _played(name) if run else _absent(name)
        rows, gone = ([], why) if why else _rows(name)
        table.rows += rows
        if gone:
            table.missing.append(Missing(name, gone))
    return table


def main() -> int:
    """Print and write. Exit code 1 when a figure is missed or missing, 2 when it is asked for something else."""
    asked = sys.argv[1:]
    if asked not in ([], ["--again"]):
        print(f"not understood: {' '.join(asked)}\n\n{__doc__}", file=sys.stderr)
        return 2
    table = gathered(BENCHES, run=not asked)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(table), indent=2) + b"\n")
    print(printed(table.rows))
    for one in table.missing:
        print(f"missing: bench.{one.bench}: {one.why}")
    return int(bool(table.missing) or not all(row.holds for row in table.rows))


def _absent(name: str) -> str:
    return "" if find_spec(f"bench.{name}") else "there is no such bench"


def _played(name: str) -> str:
    """Run it, its own words on the terminal. Why it gave nothing; empty: it ended, whether or not its figures hold.

    Exit code 1 is a missed figure (as in `bench/__main__.py`); any other is a sentence on what an operator can mend.
    """
    if why := _absent(name):
        return why
    print(f"== bench.{name}", flush=True)
    ended = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(ended.stderr)
    said = ended.stderr.strip().splitlines()
    if ended.returncode in (0, 1) and not any(line.startswith("Traceback") for line in said):
        return ""
    return said[-1] if said else f"it ended with exit code {ended.returncode}"


def _rows(name: str) -> tuple[list[Row], str]:
    rows = getattr(import_module(f"bench.{name}"), "rows", None)
    if rows is None:
        return [], "it has no rows() for this table"
    try:
        return list(rows()), ""
    except FileNotFoundError as error:
        return [], f"{Path(error.filename).name} is not there: run python -m bench.{name}"
    except msgspec.DecodeError:
        return [], f"what it wrote last is of another version: run python -m bench.{name}"


if __name__ == "__main__":
    sys.exit(main())
