"""Trouble: a customer is about to complain of an order, or to give it a bad score."""

from collections.abc import Iterable

from detectors.detector import Detector, Params
from detectors.entities import entity_id
from detectors.learning.lesson import Boosted, Lesson, Online
from detectors.odds import over, probability
from detectors.propensity import complaint_stories as stories
from detectors.propensity.complaint_features import NAMES, values
from detectors.propensity.purchase import KINDS, Purchase, WillComplainState, purchase
from detectors.propensity.rule_of_thumb import rule_of_thumb
from detectors.readings import Alarm, Cancel, Freeze, Label, Moment, Named, Observation, Output, Reading
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_placed import OrderPlaced
from models.events.order_step import OrderStep
from models.events.promise_changed import PromiseChanged
from models.events.survey_answered import SurveyAnswered
from models.fields import Share
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MODEL = "will_complain"
LONGEST_ID = 64
"""An order with a longer name is not followed: it would take the room of what is more urgent to know."""

LESSON = Lesson(model=MODEL, names=NAMES, online=Online(), boosted=Boosted())


class WillComplainParams(Params, frozen=True):
    """A score of at most `bad` of the best is a complaint, and so is a care contact about the order.

    It is expected for `horizon_s` after the decision; by then 99 in 100 of the answers of a real shop are there.
    """

    open_at: Share = 0.5
    close_at: Share = 0.3
    bad: Share = 0.4
    horizon_s: float = 30 * DAY_S


class WillComplain(Detector[WillComplainParams, WillComplainState]):
    """Decides once per order: when it is delivered, or at the end of its promise when it was not."""

    name = "will_complain"
    listens_to = (
        OrderPlaced, OrderStep, OrderDelivered, OrderCancelled, PromiseChanged, SurveyAnswered, CareContactOpened,
    )  # fmt: skip
    begins_with = (OrderPlaced,)
    clock = ("care.v1", "orders.v1")
    params_type = WillComplainParams
    state_type = WillComplainState
    learns = (LESSON,)
    floor = "more likely than not to give 2 of 5 or less, or to turn to support about the order"
    warm_up = "none: until enough was learned, a rule of thumb about broken promises and split orders speaks"

    def observe(self, state: WillComplainState, event: Event, moment: Moment) -> Iterable[Output]:
        """Follow the order to its decision, and to the customer's word."""
        if type(event) is OrderPlaced:
            return self._placed(state, event, moment.now)
        if not isinstance(
            event, OrderStep | OrderDelivered | OrderCancelled | PromiseChanged | SurveyAnswered | CareContactOpened
        ):
            return ()
        order_id = event.data.order_id
        order = state.orders.get(order_id)
        if order is None:
            return ()
        if isinstance(event, OrderStep):
            _moved(order, event.data.step, moment.now)
            return ()
        if isinstance(event, OrderDelivered):
            return self._delivered(order_id, order, moment)
        if isinstance(event, PromiseChanged):
            return self._promised(order_id, order, int(event.data.promised_by.timestamp()), moment.now)
        del state.orders[order_id]
        said: list[Output] = [over(order_id, "spoken"), Cancel(order_id)]
        if isinstance(event, SurveyAnswered):
            bad = event.data.score <= self.params.bad * event.data.best
            return said + _heard(order_id, order, bad) + _seen(order, float(bad))
        return said + (_heard(order_id, order, True) if isinstance(event, CareContactOpened) else [])

    def due(self, state: WillComplainState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """The end of the promise, or of the time in which an answer is expected."""
        order_id = alarm.object
        order = state.orders.get(order_id)
        if order is None:
            return ()
        if not order.decided:
            return self._decide(order_id, order, moment)
        del state.orders[order_id]
        return (over(order_id, "silent"),)

    def evidence(self, state: WillComplainState, reading: Reading, moment: Moment) -> Evidence:
        """What an agent should know before writing or calling."""
        order = state.orders.get(reading.object)
        facts = {"order_id": reading.object, "stage": reading.stage}
        if order is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        return stories.evidence(reading, order, facts)

    def _placed(self, state: WillComplainState, event: OrderPlaced, now: float) -> list[Output]:
        order_id = event.data.order_id
        if len(order_id) > LONGEST_ID or event.data.entities.keys().isdisjoint(KINDS):
            return []  # an order that shares nothing of these with others has nobody to be compared with
        known = state.orders.pop(order_id, None) is not None
        said: list[Output] = [over(order_id, "placed anew")] if known else []
        order = state.orders[order_id] = purchase(event.data, now)
        said.append(Alarm(order_id, max(order.promised, now + 1.0)))
        for gone in state.overflow():
            said += (over(gone, "forgotten"), Cancel(gone))
        return said

    def _promised(self, order_id: str, order: Purchase, promised: int, now: float) -> list[Output]:
        order.promised = promised
        return [] if order.decided else [Alarm(order_id, max(promised, now + 1.0))]

    def _delivered(self, order_id: str, order: Purchase, moment: Moment) -> list[Output]:
        order.delivered = int(moment.now)
        return [] if order.decided else self._decide(order_id, order, moment)

    def _decide(self, order_id: str, order: Purchase, moment: Moment) -> list[Output]:
        now = moment.now
        order.decided = int(now)
        known = values(order, moment.knowledge, now)
        learned = moment.knowledge.model(MODEL)
        if learned is None or learned.snapshot.names != NAMES:
            score, shadowed = rule_of_thumb(known), False
            chance = probability(score)
        else:
            score, shadowed = learned.snapshot.score(known), learned.shadowed
            chance = learned.snapshot.probability(score)
        until = now + self.params.horizon_s
        reading = Reading(
            object=order_id,
            look="decision",
            score=score,
            probability=chance,
            severity="high" if chance >= 0.8 else "medium",
            horizon=until,
            stage="late" if known[0] else "delivered",
            shadowed=shadowed,
            features=(Named(NAMES, known),),
        )
        frozen = Freeze(model=MODEL, object=order_id, values=known, ripe_at=now, expires_at=until, probability=chance)
        return [reading, frozen, Alarm(order_id, until)]

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """The promised day ends, and nobody has even sent it off."""
        return stories.never_sent()

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """It arrives early, and the customer is content."""
        return stories.content()

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """In time; many things from many sellers; late; late and never sent."""
        return stories.worse_and_worse()


def _moved(order: Purchase, step: str, now: float) -> None:
    order.acted = order.acted or int(now)
    if step == order.step and not order.moved:
        order.moved = int(now)


def _heard(order_id: str, order: Purchase, bad: bool) -> list[Output]:
    """The customer's word teaches when it came after the decision."""
    return [Label(MODEL, order_id, float(bad))] if order.decided else []


def _seen(order: Purchase, bad: float) -> list[Output]:
    return [Observation(entity_id(kind, name), "bad_score", bad) for kind, name in order.entities.items()]
