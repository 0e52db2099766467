"""How much of the simulated shop's hidden trouble is found, how much that is none, and whether in time.

Two shops of other customers: one with disruptions and trouble of every kind, one on calm days, in which everything that
only looks like trouble stays. Both go through the whole pipeline offline. A message is an issue that was opened: what
outreach holds back is not taken off. No detector was fitted on these shops; their thresholds say why in `detectors/`.

- recall: of those in trouble, so many had an issue. precision: of the issues, so many were about trouble.
- told before: of those in trouble who turned to us about it, so many had their issue before they did.
- warm: the largest state of each customer, from a shop in which every customer has every story.

    python -m bench.shop_truth      about a minute; writes bench/results/shop_truth.json
"""

import sys
import time
from pathlib import Path

import msgspec

from bench.shop_scores import Kind, calm_messages, score, warm_states

RESULT = Path(__file__).parent / "results" / "shop_truth.json"
CUSTOMERS, CALM_CUSTOMERS, WARM_CUSTOMERS = 4_000, 4_000, 300
SEED, CALM_SEED = 101, 202
RECALL, PRECISION, BEFORE, CALM_PER_1000, STATE_BYTES = 0.9, 0.8, 0.7, 1.0, 4096


class Result(msgspec.Struct, kw_only=True):
    """What the file holds. Bytes are at the 99th percentile over customers."""

    customers: int
    seconds: float
    kinds: dict[str, Kind]
    calm_per_1000: float
    calm_messages: dict[str, int]
    state_p99: int
    state_by_detector: dict[str, int]


def main() -> int:
    """Run, print, write. Exit code 1 when a required figure is missed."""
    started = time.perf_counter()
    kinds = score(CUSTOMERS, SEED)
    calm = calm_messages(CALM_CUSTOMERS, CALM_SEED)
    whole, by_detector = warm_states(WARM_CUSTOMERS, SEED)
    result = Result(
        customers=CUSTOMERS, seconds=time.perf_counter() - started, kinds=kinds,
        calm_per_1000=1000 * sum(calm.values()) / CALM_CUSTOMERS, calm_messages=calm,
        state_p99=whole, state_by_detector=by_detector,
    )  # fmt: skip
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    _print(result)
    return int(not holds(result))


def holds(result: Result) -> bool:
    """Whether every required figure is met."""
    each = all(
        one.recall >= RECALL and one.precision >= PRECISION and one.told_before >= BEFORE
        for one in result.kinds.values()
    )
    return each and result.calm_per_1000 < CALM_PER_1000 and result.state_p99 <= STATE_BYTES


def _print(result: Result) -> None:
    print(f"shop of {result.customers} customers, {result.seconds:.0f} s")
    print(
        f"{'':20}{'in trouble':>11}{'recall':>8}{'precision':>11}{'called':>8}"
        f"{'told before':>13}{'lead, h':>9}{'p99 B':>7}"
    )
    for name, one in result.kinds.items():
        lead = "-" if one.lead_median_s is None else f"{one.lead_median_s / 3600:.1f}"
        print(
            f"{name:20}{one.troubled:>11}{one.recall:>8.3f}{one.precision:>11.3f}{one.called:>8}{one.told_before:>13.2f}"
            f"{lead:>9}{result.state_by_detector.get(name, 0):>7}"
        )
    print(f"required            {RECALL:>19}{PRECISION:>11}{BEFORE:>21}")
    print(f"calm days: {result.calm_per_1000:.2f} messages per 1,000 customers (required: under {CALM_PER_1000:g})")
    print(f"  {result.calm_messages or 'none'}")
    print(f"state, all detectors warm: p99 {result.state_p99} bytes (required: {STATE_BYTES})")


if __name__ == "__main__":
    sys.exit(main())
