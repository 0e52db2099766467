"""The engine with durable transactional state beside its peers, on the same Kafka, in one run.

The same toy work for all: JSON of twelve members -> count and running mean per customer -> every 10th event of a
customer an output. The backlog is in the topic before; a run lasts from taking in the first record to the end of the
last commit. Contenders take turns, each as a process of its own; medians of the rounds. What every contender wrote is
counted. The real detectors read a recorded journal of a shop, and so does a bare loop beside them, which decodes every
record into its type and keeps count and mean time between events per customer.

    python -m bench.speed            about 10 minutes on two cores; writes bench/results/speed.json
    python -m bench.speed --quick    small runs, to see that all works; writes nothing
"""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.speed.figures import Result, machine_of, print_result, result_of
from bench.speed.job import Told
from bench.speed.peers import peers_python
from bench.speed.plan import CONTENDERS, FULL, QUICK, Sizes
from bench.speed.rounds import Runner
from bench.speed.sources import fill_all
from bench.speed.topics import PARTITIONS
from deploy.kafka.broker import Broker

RESULT = Path(__file__).parents[1] / "results" / "speed.json"
REST_S = 1.0
"""Between two runs, so that the broker is idle again."""


def main() -> int:
    """Run, print, write. Exit code 1 when a required ratio is missed."""
    parser = argparse.ArgumentParser(description="events/s beside the peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small runs; writes nothing")
    parser.add_argument("--only", nargs="*", help="contenders, by name; writes nothing")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # what it tries again after a topic was made is no news
    result = measure(QUICK if asked.quick else FULL, asked.rounds, asked.only)
    print_result(result)
    if not asked.quick and not asked.only:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    return int(any(value < result.required[name] for name, value in result.ratios.items()))


def measure(sizes: Sizes, rounds: int, only: list[str] | None) -> Result:
    """All rounds of all contenders, or of those named. Raises `PeersMissing`, `RunFailed`, `EmbeddedKafkaError`."""
    chosen = [one for one in CONTENDERS if not only or one.name in only]
    peers = peers_python()
    told: dict[str, list[Told]] = {one.name: [] for one in chosen}
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as name, Broker(Path(name) / "kafka") as broker:
        folder = Path(name)
        sources, journal = fill_all(broker.bootstrap, sizes, folder / "journal")
        runner = Runner(broker.bootstrap, folder / "runs", peers)
        for round_ in range(rounds):
            for one in chosen[round_ % len(chosen) :] + chosen[: round_ % len(chosen)]:
                time.sleep(REST_S)
                source = sources[one.source]
                if one.module == "role":
                    said = runner.run_role(one, source, round_, journal.issues)
                else:
                    said = runner.run(one, source, round_)
                told[one.name].append(said)
                print(f"round {round_ + 1}  {one.words:36}{said.records / said.seconds:9.0f} events/s", flush=True)
    return result_of(told, PARTITIONS, sizes, journal.types, machine_of("embedded, one node", _quixstreams(peers)))


def _quixstreams(peers: str) -> str:
    asked = "from importlib.metadata import version; print(version('quixstreams'))"
    return subprocess.run([peers, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
