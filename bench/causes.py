"""Many customers, one cause: how early causes are found, and how often for nothing. Three data sets, three tables.

Everything comes through journal, detection and context with 4 partitions; the parameters are the shipped ones, one set
for all (`detectors/causes/rules.py`). Flights need nothing, the others recorded data (BEFOREHAND_DATA).

    python -m bench.causes                  about 15 minutes on a quiet machine; writes bench/results/causes.json
    python -m bench.causes calls orders     only these; what the file says of the others stays
    BENCH_CASES=FILE python -m bench.causes flights    the whole house keeps the cases of flights there; once they are
                                            there, only context plays them (for work on detectors/causes alone)
"""

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from beforehand.failures import told_plainly
from bench.cause_calls import CallsFound, calls_found
from bench.cause_flights import Seen, flights_table
from bench.cause_orders import OrdersFound, orders_found
from bench.rows import Row

RESULT = Path(__file__).parent / "results" / "causes.json"
RULE = "5 bad in 60 min"
WAVES_ASKED = 6
CASES = Path(os.environ["BENCH_CASES"]) if "BENCH_CASES" in os.environ else None
PARTS: dict[str, Callable[[], object]] = {
    "flights": lambda: flights_table(CASES), "calls": calls_found, "orders": orders_found,
}  # fmt: skip


class Result(msgspec.Struct, kw_only=True):
    """What the file holds."""

    flights: dict[str, dict[str, Seen]] | None = None
    flights_kept: bool = False
    """Context alone played the cases that a run of the whole house had kept."""
    calls: CallsFound | None = None
    orders: OrdersFound | None = None
    reached: dict[str, bool] = {}


def main(asked: list[str]) -> int:
    """Run, print, write. Exit code 1 when a figure is missed, 2 for a part that there is not."""
    if unknown := set(asked) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    before = msgspec.json.decode(RESULT.read_bytes(), type=Result) if asked and RESULT.exists() else Result()
    if "flights" in (asked or PARTS):
        before = msgspec.structs.replace(before, flights_kept=CASES is not None and CASES.exists())
    found = msgspec.structs.replace(before, **{part: PARTS[part]() for part in asked or PARTS})
    result = msgspec.structs.replace(found, reached=_reached(found))
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    if result.flights is not None:
        _print_flights(result.flights)
    if result.calls is not None:
        _print_calls(result.calls)
    if result.orders is not None:
        _print_orders(result.orders)
    for what, held in result.reached.items():
        print(f"{'reached' if held else 'MISSED '}  {what}")
    return int(not all(result.reached.values()))


def rows() -> list[Row]:
    """Of the file that was written last, for the table of all figures of detection."""
    found = msgspec.json.decode(RESULT.read_bytes(), type=Result)
    given: list[Row] = []
    if found.flights is not None:
        rule, ours = found.flights[RULE]["year"], found.flights["causes"]["year"]
        what = "causes, all of 2013"
        given += [
            Row(data="flights", what=what, measure="surges seen", ours=ours.seen, rule=rule.seen, to_reach=rule.seen),
            Row(data="flights", what=what, measure="false alarms", ours=ours.false, rule=rule.false,
                to_reach=rule.false / 2, moonshot=rule.false / 4, less=True),
            Row(data="flights", what=what, measure="median min from onset", ours=ours.median_min, rule=rule.median_min,
                to_reach=0.0, less=True),
        ]  # fmt: skip
    if (calls := found.calls) is not None:
        waited = None if calls.opened_at is None else (calls.opened_at - calls.twentieth_at) / timedelta(minutes=1)
        given += [
            Row(data="comcast", what="surge of 23 June", measure="minutes", ours=waited, to_reach=60.0, less=True),
            Row(data="comcast", what="rest of the file", measure="false", ours=calls.false, to_reach=1.0, less=True),
        ]
    if (orders := found.orders) is not None:
        met = sum(wave.at is not None for wave in orders.waves)
        given += [
            Row(data="olist", what="causes, waves", measure="of 8", ours=met, to_reach=WAVES_ASKED, moonshot=8),
            Row(data="olist", what="causes", measure="false a month", ours=orders.false / orders.months, to_reach=1.0,
                less=True),
        ]  # fmt: skip
    return given


def _reached(result: Result) -> dict[str, bool]:
    flights, calls, orders, held = result.flights, result.calls, result.orders, dict[str, bool]()
    if flights is not None:
        rule, found = flights[RULE]["year"], flights["causes"]["year"]
        held["flights: as many surges as the rule"] = found.seen >= rule.seen
        held["flights: at most half the rule's false alarms"] = found.false <= rule.false / 2
        held["flights: median no later than the onset"] = found.median_min <= 0.0
    if calls is not None:
        by = calls.twentieth_at + timedelta(minutes=60)
        held["calls: open within 60 minutes of the first 20"] = calls.opened_at is not None and calls.opened_at <= by
        held["calls: at most 1 false cause"] = calls.false <= 1
    if orders is not None:
        met = sum(wave.at is not None for wave in orders.waves)
        held[f"orders: at least {WAVES_ASKED} of 8 waves"] = met >= WAVES_ASKED
        held["orders: at most 1 false cause a month"] = orders.false <= orders.months
    return held


def _print_flights(flights: dict[str, dict[str, Seen]]) -> None:
    print("flights: surges seen, false alarms, minutes from onset (median, quartiles), hours that alarms stood")
    for name, periods in flights.items():
        for period, one in periods.items():
            low, high = one.quartiles_min
            early = f"{one.median_min:6.0f} [{low:.0f} {high:.0f}]"
            print(
                f"  {name:18} {period:8} {one.seen:3} of {one.surges:3}  {one.false:4} false of {one.alarms:4}  {early}"
                f"  {one.open_h:5.0f} h"
            )


def _print_calls(calls: CallsFound) -> None:
    opened = "never" if calls.opened_at is None else f"{calls.opened_at:%d %B %H:%M}"
    print(
        f"calls: the surge's 20th complaint {calls.twentieth_at:%d %B %H:%M}, cause open {opened}; {calls.false} false"
    )


def _print_orders(orders: OrdersFound) -> None:
    print("orders: late waves, and by when they had to be found")
    for wave in orders.waves:
        at = "not in time" if wave.at is None else f"{wave.at:%Y-%m-%d} {wave.entities or 'all'}"
        print(f"  {wave.wave:20} {wave.orders:5} orders {wave.late:.2f} late  by {wave.by:%Y-%m-%d}: {at}")
    per_month, strict = orders.false / orders.months, orders.false_strict / orders.months
    print(
        f"  {len(orders.causes)} causes in {orders.months:.1f} months, {orders.false} false: {per_month:.2f} a month",
        end="",
    )
    print(f" ({strict:.2f} if those in a wave's time that none of the eight names count, too)")


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main(sys.argv[1:]))
