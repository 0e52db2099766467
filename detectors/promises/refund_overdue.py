"""Trouble: the customer was promised money back by a day, and it did not come."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.refund_paid import RefundPaid, RefundPaidData
from models.events.refund_promised import RefundPromised, RefundPromisedData
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MOST_REFUNDS = 6


class RefundParams(Params, frozen=True):
    """A refund is overdue `grace_s` after its promise: banks book in batches, the same evening is not late.

    It is told again once, as serious, when `serious_s` have passed: who waits for money for three days rings up. It
    is followed for `give_up_s`.
    """

    grace_s: Annotated[float, Meta(ge=60.0, le=2592000.0)] = 6 * 3_600.0
    serious_s: float = 3 * DAY_S
    give_up_s: float = 30 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0


class Refund(msgspec.Struct, array_like=True):
    """Money that is to come; `promised` in whole seconds since 1970."""

    promised: int
    amount_minor: int
    currency: str
    order_id: str


class RefundState(State):
    """Refunds that were not paid, the longest known first."""

    refunds: dict[str, Refund] = {}


class RefundOverdue(Detector[RefundParams, RefundState]):
    """A promise is a deadline; that nothing came is known when the feed was read beyond it."""

    name = "refund_overdue"
    listens_to = (RefundPromised, RefundPaid)
    begins_with = (RefundPromised,)
    clock = ("orders.v1",)
    params_type = RefundParams
    state_type = RefundState
    floor = "not paid six hours after the time it was promised by"
    warm_up = "none: the promise is the house's own"

    def observe(self, state: RefundState, event: Event, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """A promise, or its end."""
        if type(event) is RefundPromised:
            return self._promised(state, event.data)
        if isinstance(event, RefundPaid):
            return self._gone(state, event.data.refund_id, "paid")
        return ()

    def due(self, state: RefundState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """It is overdue, and how long."""
        name, refund = alarm.object, state.refunds.get(alarm.object)
        if refund is None:
            return ()
        params, late_s = self.params, moment.now - refund.promised
        if late_s >= params.give_up_s:
            return self._gone(state, name, "given up")
        following = params.serious_s if late_s < params.serious_s else params.give_up_s
        score = params.steepness * (1.0 + late_s / DAY_S)
        reading = Reading(
            object=name,
            look="overdue",
            score=score,
            probability=probability(score),
            severity="high" if late_s >= params.serious_s else "medium",
            stage="overdue",
            features=({"days_late": late_s / DAY_S},),
        )
        return (reading, Alarm(name, refund.promised + following))

    def evidence(self, state: RefundState, reading: Reading, moment: Moment) -> Evidence:
        """How much, for what, and by when it was promised."""
        refund = state.refunds.get(reading.object)
        facts = {"refund_id": reading.object, "stage": reading.stage}
        if refund is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        promised = instant(refund.promised)
        facts |= {"order_id": refund.order_id, "promised_by": promised.isoformat()}
        facts["amount"] = f"{refund.amount_minor / 100:.2f} {refund.currency}"
        return Evidence(
            since=promised,
            expected=f"{facts['amount']} by {promised:%Y-%m-%d %H:%M} UTC",
            actual=f"not paid {round((moment.now - refund.promised) / 3600)} hours later",
            factors=reading.factors(),
            facts=facts,
        )

    def _promised(self, state: RefundState, data: RefundPromisedData) -> list[Output]:
        name = data.refund_id
        said: list[Output] = [over(name, "promised anew")] if state.refunds.pop(name, None) is not None else []
        promised = int(data.promised_by.timestamp())
        state.refunds[name] = Refund(promised, data.amount_minor, data.currency, data.order_id[:64])
        said.append(Alarm(name, promised + self.params.grace_s))
        while len(state.refunds) > MOST_REFUNDS:
            said += self._gone(state, next(iter(state.refunds)), "forgotten")
        return said

    @staticmethod
    def _gone(state: RefundState, name: str, look: str) -> list[Output]:
        return [] if state.refunds.pop(name, None) is None else [over(name, look), Cancel(name)]

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Promised within five days, and a week goes by."""
        return [_promised(), scenes.tick("orders.v1", 7 * 1440)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Three hours late, the same evening; another promised anew and paid in time."""
        hour, day = 60, 1440
        return [
            _promised(),
            _promised("R-6"),
            scenes.tick("orders.v1", 5 * day + hour),
            _paid("R-5", 5 * day + 3 * hour),
            _promised("R-6", days=9, at=5 * day + 4 * hour),
            _paid("R-6", 8 * day),
            scenes.tick("orders.v1", 40 * day),
        ]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Overdue for longer and longer."""
        return [[_promised(), scenes.tick("orders.v1", days * 1440)] for days in (5.5, 6, 7, 9, 15)]


def _promised(refund: str = "R-5", days: float = 5, at: float = 0) -> RefundPromised:
    by = scenes.START + timedelta(days=days)
    data = RefundPromisedData(refund_id=refund, promised_by=by, order_id="A-17", amount_minor=4990)
    return RefundPromised(id=f"{refund}-{at}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(at), data=data)


def _paid(refund: str, at: float) -> RefundPaid:
    data = RefundPaidData(refund_id=refund)
    return RefundPaid(id=f"{refund}-paid", source="shop", subject=scenes.CUSTOMER, time=scenes.after(at), data=data)
