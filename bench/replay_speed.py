"""How fast a recorded journal is replayed, against a loop that only decodes each record and keeps the last per subject.

Both read the same files, in this process, turn by turn, partition by partition: what else the machine does meets both
alike. All shipped detectors. Processor time; the sum of each partition's median of a few rounds.

    python -m bench.replay_speed        about two minutes; needs recorded data; writes bench/results/replay_speed.json
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec

from beforehand.failures import told_plainly
from desk.journal_file import read_journal, recorded
from desk.offline import House
from desk.replay import played
from desk.sources.feed import feed
from desk.sources.histories import opened
from detectors.catalogue import all_detectors
from models.collecting import collect_rarely
from models.events.base import Event
from models.events.catalogue import decode

RESULT = Path(__file__).parent / "results" / "replay_speed.json"
SOURCES = ("olist", "shop")
PARTITIONS, ROUNDS = 4, 3
REQUIRED = 0.25


class Speed(msgspec.Struct, kw_only=True):
    """Records per second of processor time."""

    records: int
    source_events: int
    issues: int
    loop_per_s: float
    replay_per_s: float
    share: float
    required: float = REQUIRED


def record(source: str, folder: Path) -> int:
    """Record a source's journal; how many events the source had."""
    history = opened(source)
    topics = sorted({topic for detector in all_detectors() for topic in detector.clock})
    with House(PARTITIONS, record_to=folder) as house:
        for _ in house.run(feed(history.events(), PARTITIONS, history.beat, topics, history.tail)):
            pass
    return history.length


def loop(files: dict[int, Path]) -> int:
    """Decode, and keep the last record of each subject. How many records there were."""
    records = 0
    for file in files.values():
        last: dict[str, Event] = {}
        for _, raw in read_journal(file):
            event = decode(raw)
            last[event.subject] = event
            records += 1
    return records


def replay(files: dict[int, Path]) -> int:
    """Detect. How many changes of issues there were."""
    detectors = all_detectors()
    return sum(
        len(outputs.issues)
        for partition, file in files.items()
        for outputs in played(read_journal(file), partition, detectors)
    )


def measured(source: str, folder: Path) -> Speed:
    """Both, turn by turn."""
    events = record(source, folder)
    files = recorded(folder)
    loop_s = replay_s = 0.0
    records = issues = 0
    for number, file in files.items():
        rounds = [(_timed(loop, {number: file}), _timed(replay, {number: file})) for _ in range(ROUNDS)]
        loop_s += median(looped[0] for looped, _ in rounds)
        replay_s += median(replayed[0] for _, replayed in rounds)
        records, issues = records + rounds[0][0][1], issues + rounds[0][1][1]
    return Speed(
        records=records, source_events=events, issues=issues, loop_per_s=records / loop_s,
        replay_per_s=records / replay_s, share=loop_s / replay_s,
    )  # fmt: skip


def _timed(work: Callable[[dict[int, Path]], int], files: dict[int, Path]) -> tuple[float, int]:
    gc.collect()
    began = time.process_time()
    done = work(files)
    return time.process_time() - began, done


def main() -> int:
    """Print, write; exit code 1 when a share is missed."""
    collect_rarely()  # as the commands do
    with tempfile.TemporaryDirectory(prefix="bench-replay-") as folder:
        found = {source: measured(source, Path(folder) / source) for source in SOURCES}
    for source, one in found.items():
        print(
            f"{source:8} {one.records:,} records of {one.source_events:,} events: replay {one.replay_per_s:,.0f}/s, "
            f"loop {one.loop_per_s:,.0f}/s, share {one.share:.2f} (asked for: {one.required})"
        )
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return int(any(one.share < one.required for one in found.values()))


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
