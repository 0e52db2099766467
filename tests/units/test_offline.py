"""The whole house without Kafka: deterministic, replayable, and without a way to the outside."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from desk.journal_file import JournalDamaged, JournalWriter, journal_path, read_journal
from desk.offline import House
from desk.replay import replay
from desk.sources.feed import feed
from desk.sources.shop import Shop
from models.issues import Issue, encode_issue

ROOT = Path(__file__).parents[2]
PARTITIONS = 3
BEAT = timedelta(minutes=30)
ALONE = """
import sys
from datetime import timedelta
from desk.offline import House
from desk.replay import replay
from desk.sources.feed import feed
from desk.sources.shop import Shop
house = House(2)
told = [issue for out in house.run(feed(Shop(40).events(), 2, timedelta(hours=1))) for issue in out.issues]
assert told, "the run must have done something"
roots = {name.split(".")[0] for name in sys.modules}
channels = {name for name in sys.modules if name.startswith("notifiers")}
outside = {"faust", "mode", "aiokafka", "kafka", "streams", "aiosmtplib", "smtplib", "sqlalchemy"}
print(sorted((roots & outside) | channels))
"""


def run(folder: Path | None = None, customers: int = 250, beat: timedelta = BEAT) -> list[Issue]:
    sent = feed(Shop(customers, seed=5).events(), PARTITIONS, beat, tail=timedelta(days=2))
    with House(PARTITIONS, record_to=folder) as house:
        return [issue for outputs in house.run(sent) for issue in outputs.issues]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Issue]]:
    folder = tmp_path_factory.mktemp("journal")
    return folder, run(folder)


def told_by(issues: list[Issue], partition: int) -> list[bytes]:
    return [encode_issue(issue) for issue in issues if issue.journal_partition == partition]


def test_an_offline_run_loads_neither_a_stream_engine_nor_a_channel() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_both_detectors_find_trouble_in_the_shop(recorded: tuple[Path, list[Issue]]) -> None:
    opened = {(issue.detector, issue.object) for issue in recorded[1] if issue.change == "opened"}
    real = {(truth.detector, truth.object) for truth in Shop(250, seed=5).truth() if truth.trouble}
    loops = {thing for thing in real if thing[0] == "payment_retry_loop"}
    assert {detector for detector, _ in opened} == {"late_delivery", "payment_retry_loop", "will_complain"}
    assert loops <= opened
    assert len(real & opened) >= 0.9 * len(real)


def test_the_same_source_gives_the_same_issues(recorded: tuple[Path, list[Issue]]) -> None:
    assert [encode_issue(issue) for issue in recorded[1]] == [encode_issue(issue) for issue in run()]


@pytest.mark.parametrize("batch", [1, 7, 4096])
def test_a_recorded_journal_replays_to_the_same_issues_in_any_batches(
    recorded: tuple[Path, list[Issue]], batch: int
) -> None:
    folder, issues = recorded
    for partition in range(PARTITIONS):
        again = replay(read_journal(journal_path(folder, partition)), partition, batch=batch)
        assert [encode_issue(issue) for issue in again] == told_by(issues, partition)
    assert len(issues) > 20


@pytest.mark.parametrize("restart_every", [1, 501])
def test_restarts_from_encoded_states_change_nothing(tmp_path: Path, restart_every: int) -> None:
    issues = run(tmp_path, customers=60, beat=timedelta(hours=3))
    for partition in range(PARTITIONS):
        records = read_journal(journal_path(tmp_path, partition))
        again = replay(records, partition, restart_every=restart_every)
        assert [encode_issue(issue) for issue in again] == told_by(issues, partition)
    assert issues


def test_every_customer_is_in_one_partition_and_every_partition_has_the_ticks(
    recorded: tuple[Path, list[Issue]],
) -> None:
    folder, issues = recorded
    assert len({issue.journal_partition for issue in issues}) == PARTITIONS
    ticks = [sum(b'"tick.v1"' in raw for _, raw in read_journal(journal_path(folder, p))) for p in range(PARTITIONS)]
    assert len(set(ticks)) == 1
    assert ticks[0] % (3 * PARTITIONS) == 0


def test_a_journal_file_keeps_offsets_and_bytes(tmp_path: Path) -> None:
    records = [(0, b'{"a":1}'), (7, b'{"b":"\\n"}')]
    with JournalWriter(tmp_path, 2) as writer:
        for offset, raw in records:
            writer.append(offset, raw)
    assert list(read_journal(journal_path(tmp_path, 2))) == records


@pytest.mark.parametrize("damage", [b"x {}\n", b"3 {}\n2 {}\n", b'4 {"cut', b"\n"])
def test_a_damaged_journal_file_is_refused_with_its_line(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "journal-0.log"
    path.write_bytes(b"1 {}\n" + damage)
    with pytest.raises(JournalDamaged, match=r"line [23] "):
        list(read_journal(path))


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        replay([], 0, batch=0)
