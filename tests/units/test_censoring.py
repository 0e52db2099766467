"""Whom we told is a censored label: what came of it afterwards is left out, in whatever order it becomes known."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.learning.joining import Join, Waiting
from detectors.learning.marks import KEPT_S, Mark, Marks
from detectors.learning.partition import Example, LearnPartition
from models.events.example_censored import ExampleCensored, ExampleCensoredData
from models.events.example_labelled import ExampleLabelled
from tests.taught import LESSON, START, examples

FROZEN, LABELLED = 10.0, 50.0


def joined(*steps: str, told_at: float = 30.0, restart: bool = False) -> tuple[list[str], Counter[str]]:
    """An example, its label and a word to its customer, in this order; what counts once it is ripe."""
    join = Join()
    for step in steps:
        if step == "freeze":
            join.freeze("o-1|3 days", Waiting(FROZEN, b"", (), 100.0, 200.0, "0", about="o-1"))
        elif step == "label":
            join.label("o-1|3 days", 1.0, LABELLED)
        else:
            join.censor("o-1", told_at, "0")
        if restart:
            fresh = Join()
            fresh.counts = join.counts
            if (waiting := join.encode("o-1|3 days")) is not None:
                fresh.load("o-1|3 days", waiting)
            if (mark := join.marks.encode("o-1")) is not None:
                fresh.marks.load("o-1", mark)
            join = fresh
    return [thing for thing, _ in join.released("0", 100.0)], join.counts


@pytest.mark.parametrize("told_at", [5.0, 30.0, LABELLED], ids=["before it was frozen", "after", "with the label"])
@pytest.mark.parametrize("restart", [False, True])
def test_who_was_told_before_the_label_came_true_teaches_nothing(told_at: float, restart: bool) -> None:
    released, counts = joined("freeze", "told", "label", told_at=told_at, restart=restart)
    assert (released, counts["censored"], counts["told"]) == ([], 1, 1)


def test_who_was_told_after_the_label_came_true_teaches_as_anybody_does() -> None:
    released, counts = joined("freeze", "label", "told", told_at=LABELLED + 1.0)
    assert (released, counts["censored"]) == (["o-1|3 days"], 0)


possible = [
    order for order in permutations(("freeze", "label", "told")) if order.index("freeze") < order.index("label")
]


@given(st.sampled_from(possible), st.floats(0.0, 99.0), st.integers(1, 3), st.booleans())
def test_the_order_in_which_it_becomes_known_does_not_matter(
    order: tuple[str, ...], told_at: float, times: int, restart: bool
) -> None:
    steps = [step for step in order for _ in range(times if step == "told" else 1)]
    released, counts = joined(*steps, told_at=told_at, restart=restart)
    assert (released == []) == (told_at <= LABELLED)
    assert counts["told"] == 1, "the same word again says no more"


@given(st.permutations([("a", 3.0), ("a", 1.0), ("b", 2.0), ("b", 2.0), ("a", 2.0)]))
def test_of_several_words_the_earliest_counts(words: list[tuple[str, float]]) -> None:
    marks = Marks(10)
    for about, at in words:
        marks.add(about, Mark(at, "0"))
    assert [marks.before(about, at) for about, at in (("a", 0.9), ("a", 1.0), ("b", 1.9), ("b", 2.0))] == [
        False, True, False, True,
    ]  # fmt: skip


def test_a_word_is_forgotten_by_the_time_of_its_own_partition_or_when_there_are_too_many() -> None:
    marks = Marks(2)
    marks.add("a", Mark(1.0, "0"))
    marks.expire("1", KEPT_S * 9)
    assert marks.before("a", 5.0)
    marks.expire("0", KEPT_S + 1.5)
    assert not marks.before("a", 5.0)
    for about, at in (("a", 3.0), ("b", 1.0), ("c", 2.0)):
        marks.add(about, Mark(at, "0"))
    assert [marks.before(about, 9.0) for about in "abc"] == [True, False, True]
    assert [marks.encode(about) is None for about in "abc"] == [False, True, False]


def told(thing: str, at: datetime, number: int) -> ExampleCensored:
    data = ExampleCensoredData(about=thing)
    return ExampleCensored(id=f"{number % 3}-{number}-9", source="detect", subject="calls_again", time=at, data=data)


def with_words(log: list[Example], things: set[str]) -> list[Example]:
    """The same log, and their customers were told an hour before the label, with a clock that is days ahead."""
    found: list[Example] = []
    for number, event in enumerate(log):
        if isinstance(event, ExampleLabelled) and event.data.object in things:
            found.append(told(event.data.object, event.time - timedelta(hours=1), number))
        found.append(event)
    return [told("somebody else", START + timedelta(days=4000), 0), *found]


def learned(log: list[Example], flipped: set[str], restart: int | None = None) -> tuple[list[str], Counter[str]]:
    """The digests that a log leads to, when the labels of some are the opposite of what they were."""
    partition, states = LearnPartition([LESSON]), dict[bytes, bytes | None]()
    digests, counts = [], Counter[str]()
    for offset, event in enumerate(log):
        if isinstance(event, ExampleLabelled) and event.data.object in flipped:
            data = msgspec.structs.replace(event.data, value=1.0 - event.data.value)
            partition.apply(msgspec.structs.replace(event, data=data), offset)
        else:
            partition.apply(event, offset)
        if offset == restart:
            outputs = partition.drain()
            digests += [update.data.digest for update in outputs.updates]
            counts += partition.counted()["calls_again"]
            states |= dict(outputs.states)
            partition = LearnPartition([LESSON])
            for key, value in states.items():
                if value is not None:
                    partition.load(key, value)
    digests += [update.data.digest for update in partition.updates()]
    return digests, counts + partition.counted()["calls_again"]


def test_a_model_does_not_learn_from_its_own_success() -> None:
    log = examples(700)
    things = {f"o-{number}" for number in range(0, 700, 4)}
    kept, counts = learned(with_words(log, things), set())
    assert learned(with_words(log, things), things)[0] == kept, "whatever came of those who were told"
    assert learned(log, things)[0] != learned(log, set())[0] != kept, "and it would have made a difference"
    assert 0 < counts["censored"] <= len(things)
    assert counts["learned"] + counts["censored"] == learned(log, set())[1]["learned"]
    assert learned(with_words(log, things), set(), restart=400) == (kept, counts)
