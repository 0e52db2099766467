"""What counts as standing still, and what does not: hours of it, in no time."""

import pytest

from streams.metrics.registry import Metrics
from streams.probes.gauges import Gauges
from streams.probes.look import Look, PlaceLook, place_look
from streams.probes.pulse import CommitsStopped, Pulse
from streams.probes.stall import Stall
from streams.probes.vitals import Vitals
from streams.settings import Settings
from streams.watermarks import Poll, slowest


def place(committed: int, read: int, end: int, *, held: bool = False) -> PlaceLook:
    return place_look(("t", 0), Poll(end, end, 100.0), read, (read, committed), 0.0, held=held)


def after(looks: list[PlaceLook], *, away: bool = False) -> Stall:
    stall = Stall()
    for one in looks:
        stall.look(one, 1.0, away=away)
    return stall


def test_a_place_that_is_behind_and_does_not_commit_stands_still() -> None:
    stall = after([place(5, 9, 20)] * 201)
    assert (stall.behind_s, stall.unsaved_s) == (200.0, 200.0)


def test_a_commit_ends_it() -> None:
    stall = after([*[place(5, 9, 20)] * 100, place(9, 9, 20), place(9, 9, 20)])
    assert (stall.behind_s, stall.unsaved_s) == (0.0, 0.0)


def test_a_place_with_nothing_to_do_never_stands_still() -> None:
    stall = after([place_look(("t", 0), Poll(21, 21, 100.0), 20, (20, 20), 0.0)] * 500)
    assert (stall.behind_s, stall.unsaved_s) == (0.0, 0.0)


def test_waiting_for_what_is_away_is_no_fault_and_forgives_nothing() -> None:
    stall = after([place(5, 9, 20)] * 101)
    for _ in range(500):
        stall.look(place(5, 9, 20), 1.0, away=True)
    assert stall.behind_s == 100.0


def test_a_process_that_was_asleep_does_not_count_its_sleep() -> None:
    stall = after([place(5, 9, 20)] * 2)
    stall.look(place(5, 9, 20), 3600.0, away=False)
    assert stall.unsaved_s == 3.0


def test_lag_counts_no_transaction_markers_once_all_is_taken_in() -> None:
    done = place_look(("t", 0), Poll(12, 12, 100.0), 10, (10, 10), 0.0)
    assert (done.lag, done.caught_up_at) == (0, 100.0)
    unsaved = place_look(("t", 0), Poll(12, 12, 100.0), 10, (10, 7), 0.0)
    assert (unsaved.lag, unsaved.caught_up_at) == (5, 0.0)
    unread = place_look(("t", 0), Poll(10, 12, 100.0), 10, (10, 10), 0.0)
    assert unread.lag == 2


def test_the_slowest_partition_counts_and_one_that_knows_nothing_is_the_slowest() -> None:
    assert slowest([{"a": 5.0, "b": 3.0}, {"a": 4.0}]) == {"a": 4.0, "b": 0.0}


class Reading:
    """A role that stands where the test puts it."""

    def __init__(self, *looks: PlaceLook) -> None:
        self.given = Look(places=looks, kafka_answered_at=1.0)

    def look(self) -> Look:
        return self.given


@pytest.fixture
def running() -> tuple[Vitals, Pulse, Metrics, list[float]]:
    clock = [0.0]
    vitals, metrics = Vitals(lambda: clock[0]), Metrics()
    vitals.expect(["detect"])
    return vitals, Pulse(vitals, Settings(stall_s=180, watchdog_s=120), Gauges(metrics)), metrics, clock


def beat(pulse: Pulse, clock: list[float], times: int) -> None:
    for _ in range(times):
        clock[0] += 1.0
        pulse.beat()


def test_a_stall_makes_the_process_ill_and_progress_makes_it_well(
    running: tuple[Vitals, Pulse, Metrics, list[float]],
) -> None:
    vitals, pulse, _, clock = running
    assert vitals.not_ready() == ["detect: starting"]
    unread = PlaceLook(topic="t", partition=3, read=5, committed=5, committed_at=0.0, end=20, behind=True)
    reading = Reading(unread)
    vitals.watch("detect", reading)
    beat(pulse, clock, 181)
    assert vitals.ill() == []
    beat(pulse, clock, 2)
    assert vitals.ill() == ["detect: t/3 is behind, and nothing was committed for 182 s"]
    reading.given = Look(places=[place(6, 6, 20)])
    beat(pulse, clock, 1)
    assert (vitals.ill(), vitals.not_ready()) == ([], [])
    clock[0] += 11.0
    assert vitals.ill() == ["the event loop has not turned for 11 s"]


def test_reading_without_a_commit_ends_the_process_with_a_sentence(
    running: tuple[Vitals, Pulse, Metrics, list[float]],
) -> None:
    vitals, pulse, _, clock = running
    vitals.watch("detect", Reading(place(5, 9, 20)))
    beat(pulse, clock, 121)
    with pytest.raises(CommitsStopped, match="committed nothing beyond 5 for 121 s: it ends itself"):
        beat(pulse, clock, 1)


def test_what_waits_for_another_role_is_not_ended(running: tuple[Vitals, Pulse, Metrics, list[float]]) -> None:
    vitals, pulse, _, clock = running
    vitals.watch("detect", Reading(place(5, 9, 20, held=True)))
    beat(pulse, clock, 500)
    assert vitals.ill() == []


def test_a_partition_that_went_away_is_no_longer_told(running: tuple[Vitals, Pulse, Metrics, list[float]]) -> None:
    vitals, pulse, metrics, clock = running
    reading = Reading(place(5, 9, 20))
    vitals.watch("detect", reading)
    labels = {"role": "detect", "topic": "t", "partition": "0"}
    beat(pulse, clock, 1)
    assert metrics.registry.get_sample_value("beforehand_lag_records", labels) == 15
    reading.given = Look()
    beat(pulse, clock, 1)
    assert metrics.registry.get_sample_value("beforehand_lag_records", labels) is None
