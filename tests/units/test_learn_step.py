"""The role `learn` on its one partition: models to every journal partition, pauses where a fit is due, nothing lost."""

import asyncio
from collections import Counter

import msgspec
import pytest

from detectors.examples import event_of
from detectors.learning.families.boosted import fit
from detectors.learning.partition import LearnPartition
from detectors.learning.snapshot import Trees
from detectors.learning.trainer import HereAndNow, Job
from detectors.readings import Freeze
from models.events.catalogue import encode
from models.events.example_labelled import ExampleLabelled
from models.events.tick import Tick
from streams.roles.learn import LearnStep
from streams.step import Output, Pauses, Progress
from streams.training import FitFailed, OtherProcess
from tests.records import FakeRecord, records
from tests.taught import LESSON, START, examples

LOG = examples(700)
RAW = [encode(event) for event in LOG]


class ByAndBy(HereAndNow):
    """Done when it has been asked about for the fifth time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def result(self, name: str) -> Trees | None:
        self.asked[name] += 1
        return super().result(name) if self.asked[name] >= 5 else None


def journal(written: list[Output], partition: int) -> list[bytes]:
    return [value or b"" for topic, number, _, value, _ in written if (topic, number) == ("journal.v1", partition)]


def expected() -> list[bytes]:
    partition = LearnPartition([LESSON])
    for offset, event in enumerate(LOG):
        partition.apply(event, offset)
    return [encode(update) for update in partition.updates()]


@pytest.mark.parametrize("batch", [50, 10_000])
def test_a_step_goes_on_where_it_had_to_wait(batch: int) -> None:
    trainer = ByAndBy()
    step, written, paused = LearnStep([LESSON], 3, trainer), [], 0
    assert isinstance(step, Pauses)
    for start in range(0, len(RAW), batch):
        left = records(*RAW[start : start + batch], first=start)
        while left:
            step.apply(left)
            left = list(step.left())  # type: ignore[arg-type]
            paused += bool(left)
        written += step.drain(Progress()).outputs
    assert journal(written, 0) == journal(written, 1) == journal(written, 2) == expected()
    assert len(expected()) > 20
    assert paused > 3


def test_what_cannot_be_learned_is_set_aside_and_the_rest_goes_on() -> None:
    at = START.timestamp()
    short = Freeze(model="calls_again", object="o", values=(1.0,), ripe_at=at, expires_at=at)
    strange = [encode(event_of(short, "0-1-0", START)), b"{", encode(Tick.example())]
    step = LearnStep([LESSON], 1, HereAndNow())
    step.apply([FakeRecord(offset, raw) for offset, raw in enumerate([*RAW[:100], *strange])])
    step.apply(records(*RAW[100:], first=100))
    written = step.drain(Progress()).outputs
    letters = [dict(headers) for topic, _, _, _, headers in written if topic == "dead-letters.v1"]
    assert [one["dlq.reason"] for one in letters] == [b"example_refused", b"bad_journal_record", b"bad_journal_record"]
    assert b"1 of them, and the model has 3 names" in letters[0]["dlq.detail"]
    assert [msgspec.json.decode(raw)["data"]["digest"] for raw in journal(written, 0)] == [
        msgspec.json.decode(raw)["data"]["digest"] for raw in expected()
    ]


def test_a_fit_in_another_process_gives_the_same_trees_and_a_failed_one_says_so() -> None:
    jobs: list[Job] = []

    class Keeping(HereAndNow):
        def start(self, job: Job) -> None:
            jobs.append(job)
            super().start(job)

    partition = LearnPartition([LESSON], Keeping())
    for offset, event in enumerate(LOG):
        partition.apply(event, offset)
    job = jobs[-1]
    bad = msgspec.structs.replace(job, name="bad", labels=job.labels * 0.0)

    async def both() -> tuple[Trees | None, Exception | None]:
        trainer, failed = OtherProcess(), None
        trainer.start(job)
        trainer.start(bad)
        async with asyncio.timeout(120):
            while trainer.result(job.name) is None:
                await asyncio.sleep(0.05)
            try:
                while trainer.result("bad") is None:
                    await asyncio.sleep(0.05)
            except FitFailed as error:
                failed = error
        return trainer.result(job.name), failed

    trees, failed = asyncio.run(both())
    assert trees == fit(job.settings, job.values, job.labels, job.seed)
    assert failed is not None
    assert "ended with 1" in str(failed)


def test_a_label_of_what_nobody_knows_is_counted_and_one_of_no_model_is_set_aside() -> None:
    label = ExampleLabelled.example()
    of_ours = msgspec.structs.replace(label, subject=LESSON.model)
    step = LearnStep([LESSON], 1, HereAndNow())
    step.apply(records(encode(of_ours), encode(label)))
    writes = step.drain(Progress())
    assert [(labels, count) for _, labels, count in writes.counts] == [((LESSON.model, "unknown"), 1)]
    [letter] = [dict(headers) for topic, _, _, _, headers in writes.outputs if topic == "dead-letters.v1"]
    assert letter["dlq.reason"] == b"example_refused"
    assert b"no detector here learns a model of this name; run the version" in letter["dlq.detail"]
    assert step.drain(Progress()).counts == [], "nothing of it is kept"
