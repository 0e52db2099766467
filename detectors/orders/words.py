"""Evidence about an order in words: what was expected, what is seen, since when.

Times in facts are RFC 3339, so that a template can show them in the customer's zone; those in sentences are UTC.
"""

from datetime import datetime
from functools import cache

from detectors.entities import entity_id
from detectors.knowledge import Knowledge, fade
from detectors.orders.journey import Journey
from detectors.orders.shared_cause import facts as shared_facts
from detectors.readings import Moment, Reading
from models.instants import instant
from models.issues import Evidence

LATELY = "late/1h"
"""The sum that tells how others fared."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_ENDS = {"delivered": "delivered", "withdrawn": "cancelled by the customer", "settled": "nothing more was heard of it"}


def evidence(reading: Reading, order: Journey | None, moment: Moment) -> Evidence:
    """Everything a template may show. `order` is None when it is over."""
    facts = {"order_id": reading.object, "stage": reading.stage}
    factors = reading.factors()
    if order is None:
        ended = _ENDS.get(reading.stage, reading.stage)
        return Evidence(since=instant(moment.now), expected="", actual=ended, factors=factors, facts=facts)
    around = _around(order, moment.knowledge, moment.now)
    # Entity kinds come from outside: they must not take the place of a fact that a template relies on.
    promised = instant(order.promised)
    due = instant(order.steps[0].due) if order.steps else None
    facts = order.entities | around | _measured(order, factors, moment.knowledge) | facts
    facts["promised_by"] = promised.isoformat()
    if due is not None:
        facts["step"], facts["step_due"] = order.steps[0].name, due.isoformat()
    facts |= shared_facts(order, moment.knowledge, moment.now)
    return Evidence(
        since=instant(order.since or moment.now),
        expected=_expected(order, promised, due),
        actual=_actual(reading, order, around, moment.now),
        factors=factors,
        facts=facts,
    )


def _around(order: Journey, knowledge: Knowledge, now: float) -> dict[str, str]:
    """How others fared at each of the order's entities, where some were late: `airport_lately: 31 of 40 late`."""
    found = {}
    for kind, name in order.entities.items():
        known = knowledge.known(entity_id(kind, name))
        fading = None if known is None else known.data.sums.get(LATELY)
        if known is None or fading is None:
            continue
        left = fade(fading, now - known.at)
        cases, late = round(fading.weight * left), round(fading.total * left)
        if late >= 1:
            found[f"{kind}_lately"] = f"{late} of {cases} late"
    return found


def _measured(order: Journey, factors: dict[str, float], knowledge: Knowledge) -> dict[str, str]:
    """The measurements that moved the score: `airport_wind_mph: 38`."""
    found = {}
    for feature in factors:
        kind, measure = _measure_of(feature)
        if not measure:
            continue
        known = knowledge.known(entity_id(kind, order.entities.get(kind, "")))
        if known is not None and measure in known.data.measures:
            found[f"{kind}_{measure}"] = f"{known.data.measures[measure]:g}"
    return found


@cache
def _measure_of(feature: str) -> tuple[str, str]:
    """Kind and measure of `airport.wind_mph>20`; no measure for what is none. Features are those of the weights."""
    kind, _, rest = feature.partition(".")
    measure = rest.replace("<", ">").partition(">")[0]
    return kind, "" if measure == rest else measure


def _expected(order: Journey, promised: datetime, due: datetime | None) -> str:
    promise = f"arrival by {_spoken(promised)}"
    return promise if due is None else f"{_step(order)} by {_spoken(due)}, {promise}"


def _actual(reading: Reading, order: Journey, around: dict[str, str], now: float) -> str:
    if reading.stage == "cancelled":
        return "cancelled"
    minutes = round((now - order.next_due) / 60.0)
    if minutes > 0:
        return f"{_step(order) if order.steps else 'arrival'} is {minutes} minutes overdue"
    if order.lateness_s >= 60.0:
        return f"on its way, {round(order.lateness_s / 60.0)} minutes late so far"
    seen = "; ".join(f"{kind.removesuffix('_lately')}: {text}" for kind, text in around.items())
    return f"{round(reading.probability * 100)} in 100 such orders are late" + (f" ({seen})" if seen else "")


def _step(order: Journey) -> str:
    return order.steps[0].name.replace("_", " ")


def _spoken(at: datetime) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year} {at.hour:02}:{at.minute:02} UTC"
