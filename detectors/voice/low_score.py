"""Trouble: the customer says that it was bad, and nobody who could still mend it has heard.

The customer knows it best: they have just said so. A message that tells them would be noise, and a promise that nobody
has given. So this one speaks to the shop: its channel is `webhook`, the shop's own systems, where an agent reads one
sentence and turns to the customer as a person (`BEFOREHAND_DETECTOR_CHANNELS`; without a webhook it is on record, and
held as `no_channel`). Whoever would rather write to the customer names `email` there: the words for it are in its
templates.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData
from models.fields import Share
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MOST_OPEN = 3


class ScoreParams(Params, frozen=True):
    """Of the best score, `low` or less is low whoever gives it: two of five stars, four of ten points.

    So is `drop` below the customer's own mean, once `known_answers` of theirs are known: who always gave five and now
    gives three has something to say. An old answer's weight fades over `fades_over`. A tenth of the best score is worth
    `steepness` logits. After `settles_s` it is mended, or past mending.
    """

    low: Share = 0.4
    drop: Annotated[float, Meta(ge=0.05, le=1.0)] = 0.35
    known_answers: Annotated[int, Meta(ge=1, le=50)] = 3
    fades_over: Annotated[int, Meta(ge=1, le=100)] = 10
    settles_s: Annotated[float, Meta(ge=DAY_S, le=60 * DAY_S)] = 7 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0


class Said(msgspec.Struct, array_like=True):
    """A low score that is open: what, of how many, when, and what was usual in hundredths."""

    score: int
    best: int
    at: int
    usual: int


class ScoreState(State):
    """How many answers and their mean, as a share of the best; what is open by object."""

    known: int = 0
    mean: float = 0.0
    open: dict[str, Said] = {}


class LowScore(Detector[ScoreParams, ScoreState]):
    """One answer is enough: nobody takes a survey twice to be heard. The same order again is the same trouble."""

    name = "low_score"
    listens_to = (SurveyAnswered,)
    clock = ("care.v1",)
    params_type = ScoreParams
    state_type = ScoreState
    floor = "two of five or less, or a third of the scale below what they usually give"
    warm_up = "none for what is low by itself; three answers before what is low for them"

    def observe(self, state: ScoreState, event: Event, moment: Moment) -> Iterable[Output]:
        """An answer."""
        assert isinstance(event, SurveyAnswered)  # noqa: S101 - narrows the type; listens_to holds nothing else
        data, params = event.data, self.params
        thing, share = short(data.order_id or data.survey_id), min(1.0, data.score / data.best)
        low, known = params.low - share, state.known >= params.known_answers
        fell = state.mean - share - params.drop if known else -1.0
        score = params.steepness * (10.0 * max(low, fell) + 0.5)
        usual = round(100 * state.mean) if known else 0
        state.known = min(state.known + 1, params.fades_over)
        state.mean += (share - state.mean) / state.known
        reading = _reading(thing, score, {"low": low, "fell": fell})
        if score <= 0.0:
            return (reading, Cancel(thing)) if state.open.pop(thing, None) is not None else (reading,)
        state.open[thing] = Said(data.score, data.best, int(moment.now), usual)
        return self._room(state, reading, Alarm(thing, moment.now + params.settles_s))

    def due(self, state: ScoreState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """By now somebody has seen to it, or nobody will."""
        return () if state.open.pop(alarm.object, None) is None else (over(alarm.object, "settled"),)

    def evidence(self, state: ScoreState, reading: Reading, moment: Moment) -> Evidence:
        """What they gave, and what they usually give."""
        said = state.open.get(reading.object)
        facts = {"about": reading.object, "stage": reading.stage}
        if said is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        usual = (
            f"about {said.usual} % of the best score, as before" if said.usual else "more than two fifths of the best"
        )
        return Evidence(
            since=instant(said.at),
            expected=usual,
            actual=f"{said.score} of {said.best}",
            factors=reading.factors(),
            facts=facts | {"given": str(said.score), "best": str(said.best)},
        )

    @staticmethod
    def _room(state: ScoreState, *said: Output) -> list[Output]:
        gone: list[Output] = []
        while len(state.open) > MOST_OPEN:
            oldest = next(iter(state.open))
            del state.open[oldest]
            gone += (over(oldest, "forgotten"), Cancel(oldest))
        return [*said, *gone]

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """One star of five."""
        return [_answer(0, 1)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Three of five, from somebody who always gives three or four; six of ten."""
        usual = [_answer(day, score) for day, score in enumerate((3, 4, 3, 3))]
        return [*usual, _answer(5, 6, best=10), scenes.tick("care.v1", 20 * 1440)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Fewer and fewer stars; the last but one is three of somebody who always gave five."""
        fives = [_answer(day, 5) for day in range(4)]
        return [[_answer(0, 5)], [_answer(0, 3)], [_answer(0, 2)], [*fives, _answer(5, 3)], [_answer(0, 1)]]


def _reading(thing: str, score: float, features: dict[str, float]) -> Reading:
    return Reading(
        object=thing,
        look="answered",
        score=score,
        probability=probability(score),
        severity="high" if features["low"] >= 0.2 else "medium",
        stage="low",
        features=(features,),
    )


def _answer(day: int, score: int, best: int = 5) -> SurveyAnswered:
    data = SurveyAnsweredData(survey_id=f"r-{day}", score=score, best=best, order_id=f"A-{day}")
    return SurveyAnswered(
        id=f"sv-{day}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(day * 1440), data=data
    )
