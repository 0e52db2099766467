"""How `late_delivery` learns: an example at each look of an order's course, its label later, and what was learned.

An example is named by its order and look; so each look of an order has a label of its own.
"""

from math import nan
from typing import NamedTuple

from detectors.knowledge import Knowledge
from detectors.orders.course import Course
from detectors.orders.journey import Journey
from detectors.orders.lessons import course_of
from detectors.orders.schedule import spoken
from detectors.readings import Freeze, Label, Named, Output
from models.events.order_placed import OrderPlacedData

DAY_S = 86_400.0
LABEL_WITHIN_S = 3 * DAY_S
"""After it is ripe, a label comes with the next tick; so much later none will come any more."""


class Opinion(NamedTuple):
    """What a learned model says: a score in logits, its `raw` probability, and what its course makes of that.

    From which values; `shadowed` as its model is.
    """

    score: float
    raw: float
    probability: float
    values: tuple[float, ...]
    features: Named
    shadowed: bool


def placed(order: Journey, data: OrderPlacedData) -> None:
    """Keep what its course needs; a look whose time is past already is left out."""
    course = course_of(order)
    if course is None:
        return
    order.measures = [data.measures.get(name, nan) for name in course.measures]
    order.amount_minor = data.amount_minor
    order.looked = _past(order, course, order.placed)


def promised_anew(order: Journey, now: float) -> None:
    """What was frozen under the former promise teaches nothing."""
    course = course_of(order)
    if course is not None:
        order.looked, order.frozen = _past(order, course, now), 0


def next_look(order: Journey, course: Course, now: float) -> float | None:
    """The next of the course's own looks, or None."""
    ahead = order.promised - now
    before = max((one for one in course.looks_s if one < ahead), default=None)
    return None if before is None else order.promised - before


def occasion(order: Journey, course: Course, now: float) -> str:
    """The nearest look of the course that is past and was not taken yet; it is from now on. Empty: none is."""
    new = _past(order, course, now) & ~order.looked
    if not new:
        return ""
    order.looked |= new
    nearest = min(before for place, before in enumerate(course.looks_s) if new & (1 << place))
    return look_name(nearest)


def look_name(before_s: float) -> str:
    """As readings are named: `promise-72h`."""
    return f"promise-{spoken(before_s)}"


def opinion(order: Journey, course: Course, knowledge: Knowledge, now: float) -> Opinion | None:
    """What the newest snapshot says of the order; None while there is none."""
    learned = knowledge.model(course.lesson.model)
    if learned is None or learned.snapshot.names != course.lesson.names:
        return None
    values = course.values(order, knowledge, now)
    score = learned.snapshot.score(values, course.tokens(order))
    raw, named = learned.snapshot.probability(score), Named(course.lesson.names, values)
    return Opinion(score, raw, course.settle(order, knowledge, now, raw), values, named, learned.shadowed)


def freeze(
    order_id: str, order: Journey, course: Course, look: str, knowledge: Knowledge, now: float, said: Opinion | None
) -> list[Output]:
    """An example, when this look is one to learn from."""
    if look not in course.freezes:
        return []
    bit = 1 << course.freezes.index(look)
    if order.frozen & bit:
        return []
    order.frozen |= bit
    ripe_at = order.promised + course.late_after_s
    return [
        *(() if said is None else course.told(order, look, said.raw)),
        Freeze(
            model=course.lesson.model,
            object=_example(order_id, look),
            values=course.values(order, knowledge, now) if said is None else said.values,
            tokens=course.tokens(order),
            ripe_at=ripe_at,
            expires_at=ripe_at + LABEL_WITHIN_S,
            probability=None if said is None else said.probability,
            about=order_id,
        ),
    ]


def labels(order_id: str, order: Journey, course: Course, trouble: bool) -> list[Output]:
    """The truth of everything that was frozen of the order; once."""
    frozen, order.frozen = order.frozen, 0
    return [
        Label(course.lesson.model, _example(order_id, look), float(trouble))
        for place, look in enumerate(course.freezes)
        if frozen & (1 << place)
    ]


def _example(order_id: str, look: str) -> str:
    return f"{order_id[:96]}|{look}"


def _past(order: Journey, course: Course, now: float) -> int:
    return sum(1 << place for place, before in enumerate(course.looks_s) if order.promised - before <= now)
