"""What is due by a time and did not come: one deadline per thing, told when it has passed and once more when it is old.

That nothing came is known when the feed was read beyond the deadline, never from a wall clock.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Annotated, ClassVar, TypeVar

import msgspec
from msgspec import Meta

from detectors.detector import Detector, Params, State
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.instants import instant
from models.issues import Evidence

HOUR_S, DAY_S = 3_600.0, 86_400.0


class DeadlineParams(Params, frozen=True):
    """It is told `grace_s` after its deadline, again as serious after `serious_s`, and followed for `give_up_s`.

    The score rises by `steepness` logits per day, from what the detector says a missed deadline weighs.
    """

    grace_s: Annotated[float, Meta(ge=0.0, le=7 * DAY_S)] = HOUR_S
    serious_s: Annotated[float, Meta(ge=HOUR_S, le=30 * DAY_S)] = DAY_S
    give_up_s: Annotated[float, Meta(ge=DAY_S, le=90 * DAY_S)] = 14 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.grace_s < self.serious_s < self.give_up_s:
            raise ValueError("grace_s must be below serious_s, and that below give_up_s")


class Deadline(msgspec.Struct, array_like=True):
    """`began` and `due` in whole seconds since 1970; `note` is a word of the detector's own, `asks` a count."""

    began: int
    due: int
    note: str = ""
    asks: int = 1


class DeadlineState(State):
    """What has not come yet, the longest known first."""

    waiting: dict[str, Deadline] = {}


P = TypeVar("P", bound=DeadlineParams)


class DeadlineDetector(Detector[P, DeadlineState]):
    """Waits. Who derives from it says what is waited for, and puts it in words."""

    state_type = DeadlineState
    most: ClassVar[int] = 3
    """Things of one customer that are waited for; the longest known makes room."""

    def wait(self, state: DeadlineState, thing: str, deadline: Deadline) -> list[Output]:
        """Wait for it from now on. Said anew, the newer deadline counts."""
        said: list[Output] = [over(thing, "promised anew")] if state.waiting.pop(thing, None) is not None else []
        state.waiting[thing] = deadline
        said.append(Alarm(thing, deadline.due + self.params.grace_s))
        while len(state.waiting) > self.most:
            said += self.ended(state, next(iter(state.waiting)), "forgotten")
        return said

    @staticmethod
    def ended(state: DeadlineState, thing: str, look: str) -> list[Output]:
        """It came, or nobody waits any more."""
        return [] if state.waiting.pop(thing, None) is None else [over(thing, look), Cancel(thing)]

    def due(self, state: DeadlineState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """It did not come; how long ago it was due."""
        thing, deadline = alarm.object, state.waiting.get(alarm.object)
        if deadline is None:
            return ()
        params, late_s = self.params, moment.now - deadline.due
        if late_s >= params.give_up_s:
            return self.ended(state, thing, "given up")
        serious = late_s >= params.serious_s
        weight = self.weight(state, deadline)
        score = params.steepness * (weight + late_s / DAY_S if weight > 0.0 else weight)
        reading = Reading(
            object=thing,
            look="overdue",
            score=score,
            probability=probability(score),
            severity="high" if serious else "medium",
            stage="overdue",
            features=({"days_late": late_s / DAY_S, "weight": weight},),
        )
        return (reading, Alarm(thing, deadline.due + (params.give_up_s if serious else params.serious_s)))

    def weight(self, state: DeadlineState, deadline: Deadline) -> float:  # noqa: ARG002 - for those that weigh
        """What the deadline weighs when it has just passed, in logits; below 0 nobody minds, however long it lasts."""
        return 1.0

    def evidence(self, state: DeadlineState, reading: Reading, moment: Moment) -> Evidence:
        """By when it was due, and how long ago that was."""
        deadline = state.waiting.get(reading.object)
        facts = {"about": reading.object, "stage": reading.stage}
        if deadline is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        expected, actual, more = self.words(deadline, moment.now)
        return Evidence(
            since=instant(deadline.due), expected=expected, actual=actual, factors=reading.factors(), facts=facts | more
        )

    @abstractmethod
    def words(self, deadline: Deadline, now: float) -> tuple[str, str, dict[str, str]]:
        """What was expected, what happened instead, and facts for a template."""


def hours(seconds: float) -> str:
    """In words: whole hours, or days from two of them on."""
    whole = max(1, round(seconds / HOUR_S))
    return f"{whole} hour{'s' * (whole > 1)}" if whole < 48 else f"{round(whole / 24)} days"
