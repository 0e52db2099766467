"""Agents' verdicts move the bar of a detector, everywhere alike and within bounds."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from detectors.catalogue import all_detectors
from detectors.context.partition import ContextPartition
from detectors.pipeline import Pipeline
from detectors.verdicts import HIGHEST, LOWEST
from models.events.verdict_given import Verdict, VerdictGiven, VerdictGivenData

T0 = datetime(2025, 3, 1, tzinfo=UTC)
SHIPPED = 0.35


def verdict(number: int, word: Verdict, *, event_id: str = "") -> VerdictGiven:
    data = VerdictGivenData(issue_id=f"i-{number}", detector="late_delivery", object=f"o-{number}", verdict=word)
    time = T0 + timedelta(minutes=10 * number)
    return VerdictGiven(id=event_id or f"v-{number}", source="desk", subject=f"c-{number % 3}", time=time, data=data)


class World:
    """Two journal partitions and the context between them."""

    def __init__(self) -> None:
        self.partitions = [Pipeline(all_detectors(), number) for number in range(2)]
        self.context = ContextPartition()
        self.states: dict[bytes, bytes | None] = {}
        self._offset = 0

    def hears(self, event: VerdictGiven) -> None:
        """It reaches one partition; what context makes of it reaches both."""
        self._offset += 1
        self.partitions[0].apply(event, self._offset)
        outputs = self.partitions[0].drain()
        self.states.update(outputs.states)
        for seen in outputs.observations:
            self.context.apply(seen, self._offset)
        for update in self.context.drain().updates:
            for one in self.partitions:
                one.apply(update, self._offset)
        self.states.update(self.partitions[0].drain().states)

    def bars(self) -> list[float]:
        return [one.bars()["late_delivery"][1] for one in self.partitions]


def test_without_a_verdict_the_parameters_hold() -> None:
    assert World().bars() == [SHIPPED, SHIPPED]


@pytest.mark.parametrize("word", get_args(Verdict))
def test_many_verdicts_move_the_bar_everywhere_and_never_beyond_its_bounds(word: Verdict) -> None:
    world = World()
    for number in range(300):
        world.hears(verdict(number, word))
    first, second = world.bars()
    assert first == second
    wanted = HIGHEST if word in ("wrong", "trend") else LOWEST
    assert first == pytest.approx(SHIPPED + wanted)
    assert [one.bars()["stuck_checkout"] for one in world.partitions] == [(0.5, 0.5)] * 2


def test_a_few_verdicts_move_it_a_little() -> None:
    world = World()
    for number in range(5):
        world.hears(verdict(number, "wrong"))
    assert SHIPPED < world.bars()[0] < SHIPPED + 0.1


def test_a_verdict_that_is_sent_twice_counts_once() -> None:
    once, twice = World(), World()
    for number in range(5):
        once.hears(verdict(number, "wrong"))
        twice.hears(verdict(number, "wrong"))
        twice.hears(verdict(number, "wrong"))
    assert once.bars() == twice.bars()


def test_a_worker_that_takes_over_knows_the_bar() -> None:
    world = World()
    for number in range(30):
        world.hears(verdict(number, "wrong"))
    successor = Pipeline(all_detectors(), 0)
    for key, value in world.states.items():
        if value is not None:
            successor.load(key, value)
    assert successor.bars() == world.partitions[0].bars()


def test_new_parameters_keep_what_the_verdicts_say() -> None:
    world = World()
    for number in range(300):
        world.hears(verdict(number, "wrong"))
    world.partitions[0]._seats["late_delivery"].set('{"open_at": 0.5}')
    assert world.bars()[0] == pytest.approx(0.5 + HIGHEST)
