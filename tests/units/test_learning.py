"""Learning in the stream: a function of the examples in their order, and nothing else."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from detectors.examples import event_of
from detectors.learning.families.boosted import fit
from detectors.learning.lesson import Boosted, Online
from detectors.learning.partition import Example, ExampleRefused, LearnPartition, lessons_of
from detectors.learning.snapshot import Trees, decode
from detectors.learning.study import Study
from detectors.learning.trainer import HereAndNow, Job
from detectors.readings import Freeze, Label
from models.events.catalogue import decode as decode_event
from models.events.catalogue import encode
from models.events.example_labelled import ExampleLabelled
from models.events.model_updated import ModelUpdated
from tests.taught import LESSON, START, CallsAgain, examples

LOG = examples(1500)


def learned(log: list[Example], restart_every: int | None = None) -> list[ModelUpdated]:
    partition, states, told = LearnPartition([LESSON]), dict[bytes, bytes](), []
    for offset, event in enumerate(log):
        if restart_every is not None and offset % restart_every == 0:
            partition = LearnPartition([LESSON])
            for key, value in states.items():
                partition.load(key, value)
        assert not partition.waits(event)
        partition.apply(event, offset)
        outputs = partition.drain()
        told += outputs.updates
        for key, state in outputs.states:
            if state is None:
                states.pop(key, None)
            else:
                states[key] = state
    return told


@pytest.fixture(scope="module")
def whole() -> list[ModelUpdated]:
    return learned(LOG)


@pytest.mark.parametrize("restart_every", [83, 700])
def test_restarts_from_states_give_the_same_snapshots(whole: list[ModelUpdated], restart_every: int) -> None:
    assert learned(LOG, restart_every) == whole


def test_snapshots_are_told_as_often_as_wanted_and_get_better(whole: list[ModelUpdated]) -> None:
    assert whole[0].data.examples == LESSON.least
    days = [told.time for told in whole if decode(told.data.body, told.data.digest, told.data.layout)]
    assert [told.data.version for told in whole] == list(range(1, len(whole) + 1))
    assert all(later > former for former, later in pairwise(days))
    assert 35 < len(whole) < 55
    last = whole[-1].data.metrics
    assert last["rows"] > 1000
    assert last["average_precision"] > last["base_rate"] + 0.25
    assert last["brier"] < last["base_rate"] * (1 - last["base_rate"]) * 0.8
    assert last["ece"] < 0.07
    for told in whole:
        assert decode_event(encode(told)) == told


def test_trees_join_the_mix_an_hour_after_their_fit_was_due(whole: list[ModelUpdated]) -> None:
    first = next(told for told in whole if len(_parts(told)) == 2)
    due = START + timedelta(days=6, hours=1)  # the first multiple of five days, and an hour
    assert due <= first.time < due + timedelta(hours=2)


def test_the_newest_fits_serve_together(whole: list[ModelUpdated]) -> None:
    assert LESSON.boosted
    counts = [len(part.roots) for told in whole for part in _parts(told) if isinstance(part, Trees)]
    assert list(dict.fromkeys(counts)) == [LESSON.boosted.rounds, LESSON.boosted.kept * LESSON.boosted.rounds]


def test_one_fit_that_was_written_alone_is_taken_over(whole: list[ModelUpdated]) -> None:
    """As versions did that kept no other."""
    fitted = next(part for told in whole for part in _parts(told) if isinstance(part, Trees))
    study = Study(LESSON, HereAndNow())
    study.load("trees", "", msgspec.msgpack.encode(fitted))
    assert study.learner.fits == (fitted,)


def test_fits_of_a_version_that_made_larger_ones_do_not_serve_beside_new_ones() -> None:
    assert LESSON.boosted
    larger = msgspec.structs.replace(LESSON, boosted=msgspec.structs.replace(LESSON.boosted, rounds=40, kept=1))
    before, after, told = LearnPartition([larger]), LearnPartition([LESSON]), list[ModelUpdated]()
    for offset, event in enumerate(LOG):
        if offset == 700:
            for key, value in before.drain().states:
                if value is not None:
                    after.load(key, value)
        part = before if offset < 700 else after
        part.apply(event, offset)
        told += part.updates()
    counts = [len(one.roots) for update in told for one in _parts(update) if isinstance(one, Trees)]
    assert list(dict.fromkeys(counts)) == [40, 10, 20]


def test_a_fit_that_takes_long_changes_nothing_but_when_it_is_told(whole: list[ModelUpdated]) -> None:
    class Slow(HereAndNow):
        jobs: list[Job] = []

        def start(self, job: Job) -> None:
            self.jobs.append(job)

        def knows(self, name: str) -> bool:
            return any(job.name == name for job in self.jobs)

        def result(self, name: str) -> Trees | None:
            job = next(job for job in self.jobs if job.name == name)
            return fit(job.settings, job.values, job.labels, job.seed) if patience <= 0 else None

    partition, told, waited = LearnPartition([LESSON], Slow()), [], 0
    patience = 3
    for offset, event in enumerate(LOG):
        while partition.waits(event):
            patience -= 1
            waited += 1
        partition.apply(event, offset)
        patience = 3
        told += partition.updates()
    assert told == whole
    assert waited > 5


def test_what_no_lesson_can_take_is_refused_and_changes_nothing(whole: list[ModelUpdated]) -> None:
    at = START.timestamp()
    short = Freeze(model="calls_again", object="o", values=(1.0,), ripe_at=at, expires_at=at)
    other = Label(model="calls_never", object="o", value=1.0)
    partition, told = LearnPartition([LESSON]), []
    for offset, event in enumerate(LOG):
        if offset % 100 == 0:
            for one, reason in ((short, "1 of them, and the model has 3 names"), (other, "no detector here learns")):
                with pytest.raises(ExampleRefused, match=reason):
                    partition.apply(event_of(one, f"0-{offset}-9", event.time + timedelta(days=900)), offset)
        partition.apply(event, offset)
        told += partition.updates()
    assert told == whole


def test_a_clock_that_is_years_ahead_expires_but_little() -> None:
    partition = LearnPartition([LESSON])
    wrong = Label(model="calls_again", object="nothing", value=1.0)
    for offset, event in enumerate(LOG):
        partition.apply(event, offset)
        if offset == 800:
            partition.apply(event_of(wrong, "0-9-9", START + timedelta(days=40_000)), offset)
    assert partition.updates()[-1].data.examples > 0.7 * len([one for one in LOG if "frozen" in one.type_name()])


def test_a_model_that_the_world_has_left_behind_goes_to_shadow_and_comes_back(whole: list[ModelUpdated]) -> None:
    turned_at = START + timedelta(days=20)
    partition = LearnPartition([msgspec.structs.replace(LESSON, boosted=None)])
    told: list[ModelUpdated] = []
    for offset, event in enumerate(examples(4500)):
        turned = event
        if isinstance(event, ExampleLabelled) and event.time > turned_at:
            data = msgspec.structs.replace(event.data, value=1.0 - event.data.value)
            turned = msgspec.structs.replace(event, data=data)
        partition.apply(turned, offset)
        told += partition.updates()
    shadowed = [one.time for one in told if one.data.shadowed]
    assert turned_at < shadowed[0] < turned_at + timedelta(days=5)
    assert not told[-1].data.shadowed
    assert told[-1].time - shadowed[-1] > timedelta(days=2)
    assert not any(one.data.shadowed for one in whole)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"names": ("a", "a")}, "same name"),
        ({"online": None, "boosted": None}, "give it a family"),
        ({"online": Online(token_bits=17)}, "take fewer rounds, leaves, kept or token_bits"),
        ({"boosted": Boosted(rounds=2000)}, "take fewer rounds"),
        ({"boosted": Boosted(rounds=400, kept=4)}, "take fewer rounds"),
        ({"boosted": Boosted(kept=0)}, "kept is 1 or more"),
    ],
)
def test_a_lesson_that_cannot_be_told_is_refused(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        msgspec.structs.replace(LESSON, **wrong)


def test_lessons_of_one_name_are_one_lesson() -> None:
    class Otherwise(CallsAgain):
        learns = (msgspec.structs.replace(LESSON, least=LESSON.least + 1),)

    one = CallsAgain(CallsAgain.params_type())
    assert lessons_of([one, one]) == [LESSON]
    with pytest.raises(ValueError, match="in another way"):
        lessons_of([one, Otherwise(CallsAgain.params_type())])


def _parts(told: ModelUpdated) -> tuple[object, ...]:
    return decode(told.data.body, told.data.digest, told.data.layout).parts
