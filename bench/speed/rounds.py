"""Runs one contender once, as a process of its own, and checks that it did what it says."""

import subprocess
import sys
import time
from pathlib import Path

import msgspec

from bench.speed import topics
from bench.speed.job import MARK, Job, Told
from bench.speed.peers import ROOT
from bench.speed.plan import Contender
from deploy.kafka.child import spawn
from streams.admin import end_offsets
from streams.topics import ISSUES

LIMIT_S = 300.0
VISIBLE_S = 10.0
"""Within so long after a commit its records can be read: the broker writes the ends of transactions afterwards."""


class RunFailed(Exception):
    """A contender did not finish, or wrote something else than it said."""


class Runner:
    """Runs contenders on one broker; `peers` is the Python that has the peers."""

    def __init__(self, kafka: str, folder: Path, peers: str = sys.executable) -> None:
        self._kafka, self._folder, self._peers = kafka, folder, peers

    def run(self, contender: Contender, source: topics.Source, round_: int) -> Told:
        """One run, its outputs counted. Raises `RunFailed`."""
        job = self._job(contender, source, round_, f"{contender.name}-{round_}-out")
        topics.make(self._kafka, [job.sink])
        told = self._told(contender, job)
        self._check(job, dict.fromkeys(source.ends, 0), told.outputs)
        return told

    def run_role(self, contender: Contender, source: topics.Source, round_: int, issues: int | None = None) -> Told:
        """One run of a real role, which writes to the real topics. Raises `RunFailed`, also for too many `issues`."""
        job = self._job(contender, source, round_, ISSUES)
        since = {number: offset for (_, number), offset in end_offsets(self._kafka, [ISSUES]).items()}
        told = self._told(contender, job)
        if issues is not None:
            self._check(job, since, issues)
        return told

    def _job(self, contender: Contender, source: topics.Source, round_: int, sink: str) -> Job:
        name = f"{contender.name}-{round_}"
        folder = self._folder / name
        folder.mkdir(parents=True)
        if contender.engine:
            topics.make_state(self._kafka, name, source.topic)
        return Job(
            name=name, kafka=self._kafka, source=source.topic, sink=sink, ends=source.ends, records=source.records,
            folder=str(folder),
        )  # fmt: skip

    def _told(self, contender: Contender, job: Job) -> Told:
        python = self._peers if contender.peer else sys.executable
        module, raw = f"bench.speed.contenders.{contender.module}", msgspec.json.encode(job).decode()
        log = Path(job.folder) / "log"
        with log.open("wb") as file:
            process = spawn([python, "-m", module, raw, *contender.work], file, folder=ROOT)
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        said = log.read_text(errors="replace")
        found = [line for line in said.splitlines() if line.startswith(MARK)]
        if not found:
            raise RunFailed(f"{job.name} ended with code {process.returncode} and no result: {said[-2000:]}")
        told = msgspec.json.decode(found[-1].removeprefix(MARK), type=Told)
        if told.records != job.records:
            raise RunFailed(f"{job.name} took in {told.records} of {job.records} records")
        return told

    def _check(self, job: Job, since: dict[int, int], wanted: int) -> None:
        ends, found = time.monotonic() + VISIBLE_S, -1
        while time.monotonic() < ends:
            found = topics.look(self._kafka, job.sink, since).records
            if found == wanted:
                return
            time.sleep(0.1)
        raise RunFailed(f"{job.name}: {found} records in {job.sink}, not {wanted}")
