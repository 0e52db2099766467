"""What goes wrong again and again without success: counted in the customer's own time, one run per object.

A run is remembered as the seconds of its last failures; it ends with a success or with silence. Its alarm is moved only
when it rings, not with every failure: most runs are over before.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from detectors.detector import Detector, Params, State
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.instants import instant
from models.issues import Evidence

KEPT = 10
"""Twice the highest floor: nobody counts further."""
MOST_RUNS = 3


class RepeatParams(Params, frozen=True):
    """`floor` failures within `window_s` without success open; success or `silence_s` of quiet ends.

    The probability rises evenly in logits by `steepness` per failure, and is a half between `floor` - 1 and `floor`.
    """

    floor: Annotated[int, Meta(ge=1, le=50)] = 3
    window_s: Annotated[float, Meta(ge=60.0, le=86400.0)] = 900.0
    silence_s: Annotated[float, Meta(ge=60.0, le=172800.0)] = 1800.0
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.2


class Run(msgspec.Struct, array_like=True):
    """`since` is when it began, `at` the last failures, oldest first (seconds since 1970), `last` names the newest."""

    since: int
    at: list[int]
    last: str = ""

    def add(self, second: int, last: str) -> None:
        """One more failure."""
        at = self.at
        if at and second < at[-1]:  # it came late: rare enough to sort
            self.at = sorted([*at, second])[-KEPT:]
            self.since = min(self.since, second)
            return
        at.append(second)
        del at[:-KEPT]
        self.last = last

    def within(self, window_s: float) -> int:
        """How many lie within so long before the newest."""
        begin = self.at[-1] - window_s
        return sum(at > begin for at in self.at)


class RepeatState(State):
    """Runs by object, the longest known first."""

    runs: dict[str, Run] = {}


P = TypeVar("P", bound=RepeatParams)


class RepeatDetector(Detector[P, RepeatState]):
    """Counts runs of failures. Who derives from it says what a failure is, and puts it in words."""

    state_type = RepeatState

    def failed(self, state: RepeatState, thing: str, now: float, last: str) -> list[Output]:
        """One more failure with `thing`."""
        second, run = int(now), state.runs.get(thing)
        if run is not None:
            run.add(second, last)
            return [self._reading(thing, run)]
        run = state.runs[thing] = Run(second, [second], last)
        said: list[Output] = [Alarm(thing, second + self.params.silence_s), self._reading(thing, run)]
        while len(state.runs) > MOST_RUNS:
            said += self.ended(state, next(iter(state.runs)), "silence")
        return said

    def ended(self, state: RepeatState, thing: str, look: str) -> list[Output]:
        """The run is over, if there is one."""
        return [] if state.runs.pop(thing, None) is None else [over(thing, look), Cancel(thing)]

    def due(self, state: RepeatState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """Long silence: the customer gave up or found another way."""
        run = state.runs.get(alarm.object)
        if run is None:
            return ()
        quiet_at = run.at[-1] + self.params.silence_s
        return [Alarm(alarm.object, quiet_at)] if quiet_at > moment.now else self.ended(state, alarm.object, "silence")

    def evidence(self, state: RepeatState, reading: Reading, moment: Moment) -> Evidence:
        """How often and since when."""
        run = state.runs.get(reading.object)
        facts = {"about": reading.object, "stage": reading.stage}
        if run is None:
            return Evidence(since=instant(moment.now), expected="", actual=f"ended by {reading.stage}", facts=facts)
        expected, actual, more = self.words(run)
        return Evidence(
            since=instant(run.since), expected=expected, actual=actual, factors=reading.factors(), facts=more | facts
        )

    @abstractmethod
    def words(self, run: Run) -> tuple[str, str, dict[str, str]]:
        """What was expected, what happened instead, and facts for a template."""

    def _reading(self, thing: str, run: Run) -> Reading:
        params = self.params
        count = run.within(params.window_s)
        score = params.steepness * (count - params.floor + 0.5)
        return Reading(
            object=thing,
            look="failed",
            score=score,
            probability=probability(score),
            severity="high" if count >= 2 * params.floor else "medium",
            stage="failing",
            features=({"failures": float(count)},),
        )
