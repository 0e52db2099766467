"""How long the embedded Kafka takes to be ready, and how much memory it has then: `python -m bench.kafka_boot`."""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

from deploy.kafka.archive import archive_flags
from deploy.kafka.broker import Broker
from deploy.kafka.cache import default_cache
from deploy.kafka.program import find_program


def main() -> None:
    """Prints every run and the medians. What is made once per machine is made before, and timed by itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    started = time.perf_counter()
    program = find_program(default_cache())
    archive_flags(program)
    print(f"{program.java.version.splitlines()[0]}; made once, or found: {time.perf_counter() - started:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        measured = [_run(Path(folder) / str(number)) for number in range(runs)]
        again = _after_kill(Path(folder) / "killed")
    for name, values in zip(("ready s", "resident MB", "stop s"), zip(*measured, strict=True), strict=True):
        print(f"{name:12} median {statistics.median(values):7.2f}   {' '.join(f'{value:.2f}' for value in values)}")
    print(f"ready again after SIGKILL, same folder: {again:.2f} s")


def _run(home: Path) -> tuple[float, float, float]:
    started = time.perf_counter()
    broker = Broker(home).start()
    ready = time.perf_counter()
    resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{broker.pid}/status").read_text())
    assert resident
    stopping = time.perf_counter()
    broker.stop()
    return ready - started, int(resident[1]) / 1024, time.perf_counter() - stopping


def _after_kill(home: Path) -> float:
    broker = Broker(home).start()
    broker.kill()
    started = time.perf_counter()
    broker.start()
    took = time.perf_counter() - started
    broker.stop()
    return took


if __name__ == "__main__":
    main()
