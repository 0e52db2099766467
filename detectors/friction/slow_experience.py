"""Trouble: what the customer does takes far longer than it usually does for them."""

from collections.abc import Iterable
from math import exp, log
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.entities import short
from detectors.odds import dated
from detectors.readings import Moment, Output
from detectors.repeats import RepeatDetector, RepeatParams, RepeatState, Run
from models.events.base import Event
from models.events.request_timed import RequestTimed, RequestTimedData

MOST_OPERATIONS = 6
QUICKEST_S = 0.01
"""Below, nobody feels a difference."""


class SlowParams(RepeatParams, frozen=True):
    """As `RepeatParams`; an answer is slow when it takes `slow_s` or longer and `times_usual` as long as usual.

    Four seconds is where Web Vitals call a page poor; what always took long is no news, so it must be three times the
    customer's own usual. One slow answer is bad luck, four within ten minutes are a slow shop; `quick_ends` answers in
    a row that are not slow are its end. `usual_s`, worth `usual_weight` answers, stands in for a short past of their
    own. Operations met fewer than `known_after` times open nothing. An old answer's weight fades over `fades_over`.
    """

    floor: Annotated[int, Meta(ge=1, le=50)] = 4
    window_s: Annotated[float, Meta(ge=60.0, le=86400.0)] = 600.0
    slow_s: Annotated[float, Meta(ge=0.1, le=60.0)] = 4.0
    times_usual: Annotated[float, Meta(ge=1.0, le=50.0)] = 3.0
    quick_ends: int = 3
    usual_s: float = 1.0
    usual_weight: float = 2.0
    known_after: int = 5
    fades_over: int = 60


class Usual(msgspec.Struct, array_like=True):
    """How long an operation takes for this customer: answers counted, and the mean logarithm of their seconds."""

    count: int
    log_s: float


class SlowState(RepeatState):
    """`usual` by operation, `quick` counts the answers in a row that were not slow, since the last slow one."""

    usual: dict[str, Usual] = {}
    quick: int = 0


class SlowExperience(RepeatDetector[SlowParams]):
    """Compares each answer with the customer's own past of the same operation."""

    name = "slow_experience"
    listens_to = (RequestTimed,)
    clock = ("telemetry.v1",)
    params_type = SlowParams
    state_type = SlowState
    floor = "four answers of 4 seconds or longer within ten minutes, each three times as long as usual"
    warm_up = "five answers of the same operation before"

    def observe(self, state: RepeatState, event: Event, moment: Moment) -> Iterable[Output]:
        """A slow answer makes the run longer, a few quick ones end it."""
        if type(event) is not RequestTimed or not isinstance(state, SlowState):
            return ()
        duration_s, operation = event.data.duration_s, short(event.data.operation)
        usual = state.usual.get(operation)
        if usual is None:
            usual = self._met(state, operation)
        usual_s = self._usual_s(usual)
        slow = duration_s >= self.params.slow_s and duration_s >= self.params.times_usual * usual_s
        known = usual.count >= self.params.known_after
        # Of a known operation, what is far too long counts as just too long: an outage must not become usual at once.
        self._learn(usual, min(duration_s, self.params.times_usual * usual_s) if known else duration_s)
        if slow:
            return self._slowed(state, moment.now, operation, known=known)
        if not state.runs:
            return ()
        state.quick += 1
        return self.ended(state, next(iter(state.runs)), "quick again") if self._is_quick_again(state) else ()

    def words(self, run: Run) -> tuple[str, str, dict[str, str]]:
        """How many."""
        count = str(len(run.at))
        return "answers as quick as usual", f"{count} slow answers, the last one to {run.last}", {"answers": count}

    def _slowed(self, state: SlowState, now: float, operation: str, *, known: bool) -> list[Output]:
        state.quick = 0
        thing = next(iter(state.runs), "") or dated("slow", now)
        if known:
            return self.failed(state, thing, now, operation)
        return []

    def _is_quick_again(self, state: SlowState) -> bool:
        if state.quick < self.params.quick_ends:
            return False
        state.quick = 0
        return True

    @staticmethod
    def _met(state: SlowState, operation: str) -> Usual:
        """A new operation; the least known one makes room."""
        if len(state.usual) >= MOST_OPERATIONS:
            del state.usual[min(state.usual, key=lambda name: (state.usual[name].count, name))]
        found = state.usual[operation] = Usual(0, 0.0)
        return found

    def _usual_s(self, usual: Usual) -> float:
        """Shrunk towards what is common, so that the first answers of a customer do not decide alone."""
        weight = self.params.usual_weight
        return exp((usual.count * usual.log_s + weight * log(self.params.usual_s)) / (usual.count + weight))

    def _learn(self, usual: Usual, duration_s: float) -> None:
        usual.count = min(usual.count + 1, self.params.fades_over)
        usual.log_s += (log(max(duration_s, QUICKEST_S)) - usual.log_s) / usual.count

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Eight quick answers, then five of nine seconds."""
        return _answers([0.8] * 8 + [9.0] * 5)

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Two slow ones among quick ones; a report that always takes its time."""
        report = _answers([12.0, 11.0, 13.0] * 5, "GET /report", begin=200)
        return [*_answers([0.8] * 8 + [9.0, 8.0] + [0.7] * 9), *report[:3], scenes.tick("telemetry.v1", 900)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """One to eight slow answers."""
        return [_answers([0.8] * 8 + [9.0] * count) for count in range(1, 9)]


def _answers(durations: list[float], operation: str = "GET /basket", begin: int = 0) -> list[Event]:
    return [
        RequestTimed(
            id=f"rq-{begin + number}",
            source="shop",
            subject=scenes.CUSTOMER,
            time=scenes.after(begin + number / 2),
            data=RequestTimedData(operation=operation, duration_s=duration),
        )
        for number, duration in enumerate(durations)
    ]
