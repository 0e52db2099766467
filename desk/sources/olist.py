"""Real orders of a Brazilian marketplace (Olist): the promise is the end of the promised day.

Every event is stamped with the moment it became known: purchase, approval, hand-over to the carrier, delivery, and each
answer to the survey when it was given. A lateness is no event: detection must notice it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import isfinite
from pathlib import Path

import numpy as np
import numpy.typing as npt

from desk.questions import Question
from desk.sources.csv_tables import NEVER, Seconds
from desk.sources.history import History, check_window
from desk.sources.olist_questions import SCORE, late_before, low_score
from desk.sources.olist_tables import SOURCE, OlistOrders, olist_orders
from desk.sources.source import Truth
from models.events.base import Event
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ASKED_FROM = datetime(2017, 11, 1, tzinfo=UTC)
"""Where the reference figures begin; a history that begins later is asked about after `WARM_UP`, or half of it."""
WARM_UP = timedelta(days=60)
BEFORE_DAYS = (3, 1, 7, 10)

__all__ = ["SCORE", "Olist"]


class Olist(History):
    """Orders bought until `until`; those bought from `since` on are asked about."""

    name = SOURCE
    beat = timedelta(hours=1)
    tail = timedelta(days=1)

    def __init__(self, data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        orders = self._orders = olist_orders(data)
        first, last = (
            (_instant(int(at)) for at in (orders.bought[0], orders.bought[-1])) if orders.order else 2 * (EPOCH,)
        )
        self.until = until or last + timedelta(seconds=1)
        warm = first + min(WARM_UP, (last - first) / 2)
        self.since = since or (ASKED_FROM if warm <= ASKED_FROM < last else warm)
        start, end = (int(one.timestamp()) for one in (self.since, self.until))
        self._asked: npt.NDArray[np.bool_] = (orders.bought >= start) & (orders.bought < end)
        self._played: npt.NDArray[np.bool_] = orders.bought < end
        check_window(SOURCE, self.since, self.until, int(self._asked.sum()), (first, last))
        self.length = len(self._schedule[0])

    @property
    def orders(self) -> OlistOrders:
        """The table behind it."""
        return self._orders

    def events(self) -> Iterator[Event]:
        """At one instant by kind, then by row."""
        moments, kinds, rows = self._schedule
        makers: list[Callable[[int, datetime], Event]] = [
            self._placed, self._step("approved"), self._step("handed_over"), self._delivered, self._answered,
        ]  # fmt: skip
        for at, kind, row in zip(moments.tolist(), kinds.tolist(), rows.tolist(), strict=True):
            yield makers[kind](row, _instant(at))

    def truth(self) -> list[Truth]:
        """Late or not, known at the end of the promised day; a score of 2 or less or not, known when it is given."""
        orders, late = self._orders, self._orders.late
        found = []
        for row in np.flatnonzero(self._asked).tolist():
            promised, delivered = _instant(int(orders.promised[row])), int(orders.delivered[row])
            found.append(
                Truth(
                    customer_id=orders.customer[row], object=orders.order[row], detector="late_delivery",
                    trouble=bool(late[row]), felt_at=promised, promised_by=promised,
                    ended_at=None if delivered == NEVER else _instant(delivered),
                )
            )  # fmt: skip
        for row in np.flatnonzero(self._asked & (orders.first_answer < NEVER)).tolist():
            answered = _instant(int(orders.first_answer[row]))
            found.append(
                Truth(
                    customer_id=orders.customer[row], object=orders.order[row], detector="will_complain",
                    trouble=bool(orders.first_score[row] <= 2), felt_at=answered, promised_by=answered,
                )
            )  # fmt: skip
        return found

    def questions(self) -> list[Question]:
        """P(late) some days before the promise, and a score of 2 or less at the moment of decision."""
        since = int(self.since.timestamp())
        return [
            *(late_before(self._orders, self._asked, since, days) for days in BEFORE_DAYS),
            low_score(self._orders, self._asked, since),
        ]

    @cached_property
    def _schedule(self) -> tuple[Seconds, Seconds, Seconds]:
        """When, what kind (the place among the makers), which row."""
        orders, rows = self._orders, np.flatnonzero(self._played)
        columns = [orders.bought, orders.approved, orders.handed_over, orders.delivered]
        moments = [column[rows] for column in columns]
        answers = np.flatnonzero(self._played[orders.answers.order])
        moments.append(orders.answers.at[answers])
        kinds = [np.full(len(at), kind, np.int64) for kind, at in enumerate(moments)]
        when, kind = np.concatenate(moments), np.concatenate(kinds)
        row = np.concatenate([rows] * len(columns) + [answers])
        order = np.lexsort((row, kind, when))
        order = order[when[order] < NEVER]
        return when[order], kind[order], row[order]

    def _placed(self, row: int, at: datetime) -> OrderPlaced:
        orders, order = self._orders, self._orders.order[row]
        limit = int(orders.limit[row])
        steps = [] if limit == NEVER else [PlannedStep(name="handed_over", due=_instant(limit), by="seller")]
        data = OrderPlacedData(
            order_id=order, promised_by=_instant(int(orders.promised[row])), steps=steps, currency="BRL",
            entities=self._entities(row), measures=self._measures(row),
            amount_minor=round(float(orders.price[row]) * 100),
        )  # fmt: skip
        return OrderPlaced(id=f"{order}-placed", source=SOURCE, subject=orders.customer[row], time=at, data=data)

    def _entities(self, row: int) -> dict[str, str]:
        orders = self._orders
        found = {
            "shop": SOURCE, "state": orders.state[row], "seller": orders.seller[row], "category": orders.category[row],
        }  # fmt: skip
        if orders.seller_state[row] and orders.state[row]:
            found["lane"] = f"{orders.seller_state[row]}>{orders.state[row]}"
        return {kind: name for kind, name in found.items() if name}

    def _measures(self, row: int) -> dict[str, float]:
        values = ((name, float(column[row])) for name, column in self._orders.basket.items())
        return {name: value for name, value in values if isfinite(value)}

    def _step(self, step: str) -> Callable[[int, datetime], OrderStep]:
        def made(row: int, at: datetime) -> OrderStep:
            order, customer = self._orders.order[row], self._orders.customer[row]
            data = OrderStepData(order_id=order, step=step)
            return OrderStep(id=f"{order}-{step}", source=SOURCE, subject=customer, time=at, data=data)

        return made

    def _delivered(self, row: int, at: datetime) -> OrderDelivered:
        order, customer = self._orders.order[row], self._orders.customer[row]
        data = OrderDeliveredData(order_id=order)
        return OrderDelivered(id=f"{order}-delivered", source=SOURCE, subject=customer, time=at, data=data)

    def _answered(self, row: int, at: datetime) -> SurveyAnswered:
        answers, place = self._orders.answers, int(self._orders.answers.order[row])
        order = self._orders.order[place]
        data = SurveyAnsweredData(survey_id=answers.review[row], score=int(answers.score[row]), order_id=order)
        name = f"{answers.review[row]}-{order}"
        return SurveyAnswered(id=name, source=SOURCE, subject=self._orders.customer[place], time=at, data=data)


def _instant(second: int) -> datetime:
    return EPOCH + timedelta(seconds=second)
