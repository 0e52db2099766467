"""Trouble: an order will not be there when it was promised, or not at all."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors.context.rules import fed_by
from detectors.detector import Detector, Params
from detectors.orders import stories, taught
from detectors.orders.fitted import WEIGHTS
from detectors.orders.journey import (
    NOTED_ENDED,
    NOTED_OVERDUE,
    NOTED_SLOW,
    NOTED_WAITING,
    Journey,
    LateDeliveryState,
    journey,
)
from detectors.orders.lessons import COURSES, course_of
from detectors.orders.outlook import STAGES, Scorer
from detectors.orders.schedule import Schedule
from detectors.orders.shared_cause import cases as cases_of_reading
from detectors.orders.shared_cause import cause_of, raised_by
from detectors.orders.terms import logistic
from detectors.orders.words import evidence
from detectors.readings import Alarm, Cancel, Moment, Observation, Output, Reading
from models.events.base import Event
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_placed import OrderPlaced
from models.events.order_step import OrderStep
from models.events.promise_changed import PromiseChanged
from models.fields import Share
from models.issues import Evidence

DAY_S = 86_400.0
CERTAIN = 60.0
"""A score, in logits, that leaves no doubt."""

AFTER_S = 1e-3
"""What arrives at the very instant of its promise is in time."""

MOST_LATE_MIN = 180.0
"""Later than that says no more about an entity."""


class LateDeliveryParams(Params, frozen=True):
    """Times in seconds; `weights` are `phase -> feature -> weight`, see `detectors.orders.terms`.

    `late_after_s` is the floor: less is not trouble. `min_cases` is the warm-up: before the best known entity of an
    order rests on so many cases, what is known of entities opens nothing. `open_at` is low because the question is
    whether to plan for it: on days of a blizzard one warning in three is then not needed (`bench/demo_threshold.py`).
    """

    open_at: Share = 0.35
    close_at: Share = 0.2
    looks_before_s: tuple[float, ...] = (86_400.0, 43_200.0, 21_600.0, 10_800.0, 7_200.0, 3_600.0, 1_800.0)
    looks_before_promise_s: tuple[float, ...] = (86_400.0, 21_600.0)
    grace_s: Annotated[float, Meta(ge=60.0, le=2592000.0)] = 900.0
    late_after_s: float = 2_700.0
    give_up_s: float = 7 * DAY_S
    settled_s: float = 2 * DAY_S
    min_cases: Annotated[float, Meta(ge=1.0, le=10000.0)] = 30.0
    cause_weight: float = 0.1
    """How much of the log odds of an open cause counts for an order of it."""
    weights: dict[str, dict[str, float]] = msgspec.field(default_factory=lambda: WEIGHTS)


class LateDelivery(Detector[LateDeliveryParams, LateDeliveryState]):
    """Looks at every open order at fixed times before its planned ones, and at each missed one.

    Not for orders without any shared entity before they miss something: of those nothing is known.
    """

    name = "late_delivery"
    listens_to = (OrderPlaced, OrderStep, OrderDelivered, OrderCancelled, PromiseChanged)
    begins_with = (OrderPlaced,)
    clock = ("orders.v1",)
    params_type = LateDeliveryParams
    state_type = LateDeliveryState
    learns = tuple(course.lesson for course in COURSES.values())
    floor = "45 minutes later than promised, or never"
    warm_up = "30 cases at one of the order's entities; deadlines that the order itself missed need none"

    def prepare(self) -> None:
        """Parse the weights. Raises `ValueError` when a name is not one."""
        params = self.params
        self._scorer = Scorer(params.weights)
        self._tells = {measure: self._scorer.readers(names) for measure, names in fed_by().items()}
        self._schedule = Schedule(
            params.looks_before_s, params.looks_before_promise_s, params.grace_s, params.late_after_s, params.give_up_s
        )

    def observe(self, state: LateDeliveryState, event: Event, moment: Moment) -> Iterable[Output]:
        """Follow the order."""
        if type(event) is OrderPlaced:
            return self._placed(state, event, moment.now)
        if type(event) is OrderStep:  # the most frequent ones first; exact types are cheaper to tell than isinstance
            order = state.open_order(event.data.order_id)
            return () if order is None else self._stepped(event.data.order_id, order, event.data.step, moment)
        if not isinstance(event, OrderDelivered | OrderCancelled | PromiseChanged):
            return ()
        order_id = event.data.order_id
        order = state.open_order(order_id)
        if order is None:
            return ()
        if isinstance(event, OrderDelivered):
            return self._delivered(state, order_id, moment.now)
        if isinstance(event, OrderCancelled):
            return self._cancelled(state, order_id, event.data.by == "customer", moment.now)
        order.promise(event.data.promised_by.timestamp(), event.data.steps)
        taught.promised_anew(order, moment.now)
        return self._look(order_id, order, "promise changed", moment)

    def due(self, state: LateDeliveryState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """Look again."""
        order_id, now = alarm.object, moment.now
        order = state.orders.get(order_id)
        if order is None:
            return ()
        if order.cancelled_at or now >= order.promised + self.params.give_up_s:
            del state.orders[order_id]
            return (_over(order_id, "settled"),)
        course = course_of(order)
        look = taught.occasion(order, course, now) if course is not None and now < order.promised else ""
        return [
            *(self._missed(order, now) if now >= order.next_due else ()),
            *(_others(order, "missed", now) if now >= order.next_due else ()),
            *_ended(order_id, order, now),
            *self._look(order_id, order, look or self._schedule.look(order, now), moment),
        ]

    def evidence(self, state: LateDeliveryState, reading: Reading, moment: Moment) -> Evidence:
        """In words."""
        return evidence(reading, state.orders.get(reading.object), moment)

    def _placed(self, state: LateDeliveryState, event: OrderPlaced, now: float) -> list[Output]:
        order_id = event.data.order_id
        state.orders.pop(order_id, None)
        state.orders[order_id] = order = journey(event.data, now)
        taught.placed(order, event.data)
        said: list[Output] = [Alarm(order_id, self._following(order, now)), *_others(order, "placed", now)]
        for gone in state.overflow():
            said += (_over(gone, "settled"), Cancel(gone))
        return said

    def _stepped(self, order_id: str, order: Journey, step: str, moment: Moment) -> list[Output]:
        reached = order.reach(step, moment.now)
        if reached is None:
            return []
        said, noted = self._look(order_id, order, step, moment), order.noted
        said += _others(order, step, moment.now)
        if not noted & NOTED_SLOW:
            said += self._seen(order, "slow", float(order.lateness_s >= self.params.grace_s), reached.by)
        if not noted & NOTED_WAITING:
            said += self._seen(order, "late_min", order.lateness_s / 60.0, reached.by)
        if noted:
            order.noted = noted & ~(NOTED_SLOW | NOTED_WAITING)
        return said

    def _delivered(self, state: LateDeliveryState, order_id: str, now: float) -> list[Output]:
        order = state.orders.pop(order_id)
        said = [*_ended(order_id, order, now - AFTER_S), *_others(order, "delivered", now)]
        if (course := course_of(order)) is not None:
            said += taught.labels(order_id, order, course, trouble=False)
        if not order.noted & NOTED_OVERDUE:
            said += self._seen(order, "delivered_late_min", (now - order.promised) / 60.0)
        return [*said, _over(order_id, "delivered"), Cancel(order_id)]

    def _cancelled(self, state: LateDeliveryState, order_id: str, by_customer: bool, now: float) -> list[Output]:
        if by_customer:
            del state.orders[order_id]
            return [_over(order_id, "withdrawn"), Cancel(order_id)]
        order = state.orders[order_id]
        said = self._missed(order, order.promised + self.params.late_after_s)
        said += [*self._seen(order, "cancelled", 1.0), *_others(order, "cancelled", now)]
        if (course := course_of(order)) is not None:
            said += taught.labels(order_id, order, course, trouble=True)
        order.cancelled_at = now
        order.late_since(now, 1.0)
        certain = Reading(
            object=order_id, look="cancelled", score=CERTAIN, probability=1.0, severity="high", stage="cancelled"
        )
        return [*said, certain, Alarm(order_id, now + self.params.settled_s)]

    def _missed(self, order: Journey, now: float) -> list[Output]:
        """What can be told of the order's entities now that a deadline has passed, once each."""
        said: list[Output] = []
        late = self.params.late_after_s
        if order.steps and now >= order.next_due + self.params.grace_s and not order.noted & NOTED_SLOW:
            order.noted |= NOTED_SLOW
            said += self._seen(order, "slow", 1.0, order.steps[0].by)
        if order.steps and now >= order.next_due + late and not order.noted & NOTED_WAITING:
            order.noted |= NOTED_WAITING
            order.late_since(order.next_due, late)
            said += self._seen(order, "late_min", late / 60.0, order.steps[0].by)
        if now >= order.promised + late and not order.noted & NOTED_OVERDUE:
            order.noted |= NOTED_OVERDUE
            order.late_since(order.promised, late)
            said += self._seen(order, "delivered_late_min", late / 60.0)
        return said

    def _following(self, order: Journey, now: float) -> float:
        """The next instant to look at it."""
        course, following = course_of(order), self._schedule.following(order, now)
        also = taught.next_look(order, course, now) if course is not None else None
        return following if also is None else min(following, also)

    def _look(self, order_id: str, order: Journey, look: str, moment: Moment) -> list[Output]:
        """A reading as of now, and the next alarm."""
        now = moment.now
        phase, score, cases, features = self._scorer.outlook(order, moment.knowledge, now)
        alone = probability = logistic(score)
        stage = STAGES[phase]
        course, shadowed, learned, frozen = course_of(order), False, False, list[Output]()
        if course is not None and now < order.promised and course.speaks(order, now):
            said = taught.opinion(order, course, moment.knowledge, now)
            frozen = taught.freeze(order_id, order, course, look, moment.knowledge, now, said)
            frozen += _others(order, look, now) if look in course.freezes else []
            if said is not None:
                score, probability, shadowed, learned = said.score, said.probability, said.shadowed, True
                features = [*features, said.features]
        if not learned:  # what was learned has the rates of a cause among its values: not counted twice
            raised = self.params.cause_weight * raised_by(cause_of(order, moment.knowledge, now))
            if raised > 0.0:
                score, features = score + raised, [*features, {"cause.lift": raised}]
                probability = logistic(score)
        if now >= order.promised + self.params.late_after_s:
            score, probability, stage = max(score, CERTAIN), 1.0, "late"
        missed = order.since > 0.0 or (bool(order.steps) and now >= order.steps[0].due + self.params.grace_s)
        reading = Reading(
            object=order_id,
            look=look,
            score=score,
            probability=probability,
            severity="high" if probability >= 0.9 else "medium",
            horizon=order.promised if now < order.promised else None,
            stage=stage,
            # not `shadowed`: the order may become late for certain later, and that must then be told
            warm=missed or (cases >= self.params.min_cases and not shadowed),
            features=tuple(features),
        )
        said_of_it = cases_of_reading(order, reading, alone, now)
        return [reading, *frozen, Alarm(order_id, self._following(order, now)), *said_of_it]

    def _seen(self, order: Journey, measure: str, value: float, by: str = "") -> list[Output]:
        """Tell the order's entities, or the one that answers for the step, as far as any score reads it."""
        kinds, bounded = self._tells[measure], 0.0 if value < 0.0 else min(value, MOST_LATE_MIN)
        if by:
            name = order.entities.get(by) if by in kinds else None
            return [] if name is None else [Observation(f"{by}:{name}", measure, bounded)]
        return [
            Observation(f"{kind}:{name}", measure, bounded) for kind, name in order.entities.items() if kind in kinds
        ]

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """It should have left long ago."""
        return stories.never_leaves()

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """It leaves a little late, and arrives in time."""
        return stories.arrives()

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Others fare worse and worse, then the order itself."""
        return stories.worse_and_worse()


def _others(order: Journey, what: str, now: float) -> list[Output]:
    """What others may learn from this moment of the order, as its course has it."""
    course = course_of(order)
    return [] if course is None else [*course.seen(order, what, now)]


def _ended(order_id: str, order: Journey, now: float) -> list[Output]:
    """Its promise is broken as its course counts it: the labels, and a word to others, once."""
    course = course_of(order)
    if course is None or now < order.promised + course.late_after_s or order.noted & NOTED_ENDED:
        return []
    order.noted |= NOTED_ENDED
    return [*_others(order, "ended", now), *taught.labels(order_id, order, course, trouble=True)]


def _over(order_id: str, look: str) -> Reading:
    return Reading(object=order_id, look=look, score=-CERTAIN, probability=0.0, stage=look, over=True)
