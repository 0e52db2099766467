"""Short histories of one order to the customer's word, and what is said of it in words."""

from datetime import timedelta

from detectors import scenes
from detectors.propensity.purchase import MEASURES, Purchase
from detectors.readings import Reading
from models.events.base import Event
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData
from models.instants import instant
from models.issues import Evidence

ORDER = "W-5"
DAY = 1440.0
PROMISED_D = 10


def placed(items: float = 1.0, sellers: float = 1.0) -> Event:
    """Promised in ten days; the seller has three to hand it over."""
    data = OrderPlacedData(
        order_id=ORDER,
        promised_by=scenes.START + timedelta(days=PROMISED_D),
        steps=[PlannedStep(name="handed_over", due=scenes.after(3 * DAY), by="seller")],
        entities={"seller": "s-1", "lane": "SP>RJ"},
        measures={"items": items, "sellers": sellers},
        amount_minor=4900,
    )
    return OrderPlaced(id="placed", source="shop", subject=scenes.CUSTOMER, time=scenes.START, data=data)


def handed_over(days: float = 2.0) -> Event:
    """To the carrier."""
    data = OrderStepData(order_id=ORDER, step="handed_over")
    return OrderStep(id="ho", source="shop", subject=scenes.CUSTOMER, time=scenes.after(days * DAY), data=data)


def delivered(days: float) -> Event:
    """So many days after it was placed."""
    data = OrderDeliveredData(order_id=ORDER)
    return OrderDelivered(id="d", source="shop", subject=scenes.CUSTOMER, time=scenes.after(days * DAY), data=data)


def answered(score: int, days: float) -> Event:
    """Stars of five."""
    data = SurveyAnsweredData(survey_id="r-1", score=score, order_id=ORDER)
    at = scenes.after(days * DAY)
    return SurveyAnswered(id=f"r-{score}", source="shop", subject=scenes.CUSTOMER, time=at, data=data)


def ticks(days: float) -> list[Event]:
    """Everything that was said and done up to then has been read."""
    return [scenes.tick(topic, days * DAY) for topic in ("orders.v1", "care.v1")]


def never_sent() -> list[Event]:
    """The promise ends."""
    return [placed(), *ticks(PROMISED_D)]


def content() -> list[Event]:
    """Early, and five stars."""
    return [placed(), handed_over(), delivered(6), *ticks(PROMISED_D), answered(5, 11), *ticks(12)]


def worse_and_worse() -> list[list[Event]]:
    """Early and alone; in four pieces of three sellers; late; late and never handed over."""
    return [
        [placed(), handed_over(), delivered(6)],
        [placed(4.0, 3.0), handed_over(), delivered(6)],
        [placed(4.0, 3.0), handed_over(), *ticks(PROMISED_D)],
        [placed(4.0, 3.0), *ticks(PROMISED_D)],
    ]


def evidence(reading: Reading, order: Purchase, facts: dict[str, str]) -> Evidence:
    """Why this customer will not be content: for a customer's sentence, and for an agent's."""
    measures = dict(zip(MEASURES, order.measures(), strict=True))
    items, sellers = measures["items"], measures["sellers"]
    facts = facts | {"promised_by": instant(order.promised).isoformat()}
    if items > 1:
        facts["items"] = str(round(items))
    if sellers > 1:
        facts["sellers"] = str(round(sellers))
    parts = " in parts from several sellers" if sellers > 1 else ""
    if reading.stage == "late":
        sent = "on its way" if order.moved else "not even sent"
        actual = f"the promise has passed, and it is {sent}{parts}"
    else:
        actual = f"delivered{parts}"
    chance = round(reading.probability * 100)
    return Evidence(
        since=instant(min(order.decided, order.promised)),
        expected=f"a content customer, and the order by {instant(order.promised):%Y-%m-%d %H:%M} UTC",
        actual=f"{actual}; {chance} in 100 such customers complain",
        factors=reading.factors(),
        facts=facts,
    )
