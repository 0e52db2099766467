"""What a share of late arrivals per airport costs to keep: our fading sums against river's statistics.

usage: python -m bench.context_statistics

The same observations for all, in one run: the arrivals of January and February 2013 in their order, per airport of
departure, 1.0 when 45 minutes late or more. Instants are made beforehand in the form each wants. Microseconds of
processor time per update, the median of interleaved rounds; bytes of one airport's state as it would be stored, the
numbers that it cannot do without in MessagePack; and how far its share is from that of the exact window.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time as cpu

import msgspec

from bench.context_contenders import CONTENDERS, WINDOWS, RollingMean, Share
from desk.sources.flight_tables import NEVER, flight_table

RESULT = Path(__file__).parent / "results" / "context_statistics.json"
ROUNDS, LATE_MIN, EVERY = 5, 45, 500
Seen = tuple[str, float, datetime, float]
"""Airport, instant in seconds and as datetime without a zone, 1.0 when late."""


class Found(msgspec.Struct, kw_only=True):
    """`bytes`: one airport's state, mean over airports and over the stream. `off`: mean absolute difference."""

    us_per_update: float
    bytes: float
    off: float


def observations() -> list[Seen]:
    """Arrivals in their order."""
    table = flight_table()
    rows = [row for row in range(len(table.due)) if table.month[row] <= 2 and table.arrived[row] != NEVER]
    rows.sort(key=lambda row: (table.arrived[row], row))
    seen = []
    for row in rows:
        at = float(table.arrived[row]) * 60.0
        late = float(table.arrived[row] - table.promised[row] >= LATE_MIN)
        seen.append((table.origin[row], at, datetime.fromtimestamp(at, UTC).replace(tzinfo=None), late))
    return seen


def timed(make: type[Share], window: str, cases: float, seen: Sequence[Seen]) -> float:
    """Microseconds per update."""
    kept = {airport: make(window, cases) for airport, *_ in seen}
    began = cpu()
    for airport, at, instant, late in seen:
        kept[airport].update(late, at, instant)
    return (cpu() - began) / len(seen) * 1e6


def looked_at(make: type[Share], window: str, cases: float, seen: Sequence[Seen]) -> tuple[float, float]:
    """Bytes, and the distance to the exact window."""
    kept = {airport: make(window, cases) for airport, *_ in seen}
    exact = {airport: RollingMean(window, cases) for airport in kept}
    off, sizes = 0.0, []
    for number, (airport, at, instant, late) in enumerate(seen):
        kept[airport].update(late, at, instant)
        exact[airport].update(late, at, instant)
        off += abs(kept[airport].share() - exact[airport].share())
        if number % EVERY == 0:
            sizes.append(len(msgspec.msgpack.encode(kept[airport].numbers())))
    return sum(sizes) / len(sizes), off / len(seen)


def measured(seen: Sequence[Seen]) -> dict[str, dict[str, Found]]:
    """By window and contender."""
    airports, spanned_s = len({airport for airport, *_ in seen}), seen[-1][1] - seen[0][1]
    found: dict[str, dict[str, Found]] = {}
    for window, span in WINDOWS.items():
        cases = len(seen) / airports * span.total_seconds() / spanned_s
        rounds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        for _ in range(ROUNDS):
            for name, make in CONTENDERS.items():
                rounds[name].append(timed(make, window, cases, seen))
        found[window] = {}
        for name, make in CONTENDERS.items():
            size, off = looked_at(make, window, cases, seen)
            found[window][name] = Found(us_per_update=median(rounds[name]), bytes=size, off=off)
    return found


def main() -> None:
    """Print the table, write the result."""
    seen = observations()
    found = measured(seen)
    print(f"{len(seen)} arrivals, {ROUNDS} rounds")
    print(f"{'':28}{'window':>8}{'us/update':>12}{'bytes':>10}{'off the exact share':>22}")
    for window, by_name in found.items():
        for name, one in by_name.items():
            print(f"{name:28}{window:>8}{one.us_per_update:12.2f}{one.bytes:10.0f}{one.off:22.4f}")
    result = {"observations": len(seen), "rounds": ROUNDS, "windows": msgspec.to_builtins(found)}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
