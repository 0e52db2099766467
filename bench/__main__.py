"""Every benchmark in turn, each as a process of its own: speed, latency, detection, and what else has figures.

Each prints its own tables; those with required figures write bench/results/*.json. Exit code 1 when any of them missed
a required figure or failed. About fifty minutes on two cores; nothing else should be running.

    python -m bench
"""

import subprocess
import sys
import time

BENCHES = (
    "kafka_boot",
    "pipeline_cost",
    "context_statistics",
    "learning",
    "speed",
    "latency",
    "detection",
    "shop_truth",
    "season",
    "olist",
    "cold_start",
    "nab",
    "causes",
    "cause_sentences",
    "replay_speed",
    "million_customers",
)


def main() -> int:
    """Run all, whatever happens to one."""
    ended: dict[str, tuple[int, float]] = {}
    for name in BENCHES:
        print(f"\n== bench.{name} " + "=" * (100 - len(name)), flush=True)
        started = time.perf_counter()
        code = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
        ended[name] = code, time.perf_counter() - started
    print()
    for name, (code, seconds) in ended.items():
        print(f"{name:20}{seconds:6.0f} s   {'holds' if code == 0 else f'MISSED or failed (exit code {code})'}")
    return int(any(code for code, _ in ended.values()))


if __name__ == "__main__":
    sys.exit(main())
