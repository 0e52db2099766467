"""Trouble: the customer tries to pay for an order again and again, and it does not work."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors.detector import Detector, Params, State
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.tick import Tick, TickData
from models.issues import Evidence


class PaymentParams(Params, frozen=True):
    """`floor` failures within `window_s` without success open; success or `silence_s` of quiet ends.

    `certain_at` failures are as certain as it gets; the probability rises evenly in logits in between.
    """

    floor: Annotated[int, Meta(ge=1, le=50)] = 3
    window_s: Annotated[float, Meta(ge=60.0, le=86400.0)] = 1800.0
    silence_s: Annotated[float, Meta(ge=60.0, le=172800.0)] = 7200.0
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.2
    max_orders: int = 3


class Tries(msgspec.Struct, array_like=True):
    """Failures of one order, oldest first (seconds since 1970)."""

    failed: list[float]
    amount_minor: int
    currency: str


class PaymentState(State):
    """Orders with failed attempts since their last success."""

    orders: dict[str, Tries] = {}


_KEPT = 8


class PaymentRetryLoop(Detector[PaymentParams, PaymentState]):
    """Counts failures in the customer's own time. A single failure, or one that succeeds at once, is no trouble."""

    name = "payment_retry_loop"
    listens_to = (PaymentAttempted,)
    clock = ("telemetry.v1",)
    params_type = PaymentParams
    state_type = PaymentState
    floor = "three failed attempts for one order within 30 minutes"
    warm_up = "none: it reads only what the customer did"

    def observe(self, state: PaymentState, event: Event, moment: Moment) -> Iterable[Output]:
        """A success ends the loop, a failure makes it longer."""
        assert isinstance(event, PaymentAttempted)  # noqa: S101 - narrows the type; listens_to holds nothing else
        data = event.data
        if data.succeeded:
            return self._succeeded(state, data.order_id)
        return self._failed(state, data, moment.now)

    def due(self, state: PaymentState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """Long silence: the customer gave up or found another way."""
        return self._gone(state, alarm.object, "silence")

    def _succeeded(self, state: PaymentState, order_id: str) -> Iterable[Output]:
        if order_id not in state.orders:
            return ()
        return [*self._gone(state, order_id, "success"), Cancel(order_id)]

    @staticmethod
    def _gone(state: PaymentState, order_id: str, look: str) -> list[Output]:
        if state.orders.pop(order_id, None) is None:
            return []
        return [Reading(object=order_id, look=look, score=-9.0, probability=0.0, stage=look, over=True)]

    def _failed(self, state: PaymentState, data: PaymentAttemptedData, now: float) -> Iterable[Output]:
        params, order_id = self.params, data.order_id
        tries = state.orders.get(order_id)
        if tries is None:
            tries = state.orders[order_id] = Tries([], data.amount_minor, data.currency)
        tries.failed = sorted([*tries.failed, now])[-_KEPT:]
        newest = tries.failed[-1]
        count = sum(at > newest - params.window_s for at in tries.failed)
        said: list[Output] = [Alarm(order_id, newest + params.silence_s), self._reading(order_id, count)]
        while len(state.orders) > params.max_orders:
            oldest = min(state.orders, key=lambda other: (state.orders[other].failed[-1], other))
            said += [*self._gone(state, oldest, "silence"), Cancel(oldest)]
        return said

    def _reading(self, order_id: str, count: int) -> Reading:
        score = self.params.steepness * (count - self.params.floor + 0.5)
        severity = "high" if count >= 2 * self.params.floor else "medium"
        return Reading(
            object=order_id,
            look="failed",
            score=score,
            probability=1.0 / (1.0 + exp(-score)),
            severity=severity,  # type: ignore[arg-type]
            stage="failing",
            features=({"failures": float(count)},),
        )

    def evidence(self, state: PaymentState, reading: Reading, moment: Moment) -> Evidence:
        """How often, since when, and for how much."""
        tries = state.orders.get(reading.object)
        since = tries.failed[0] if tries else moment.now
        facts = {"order_id": reading.object, "stage": reading.stage}
        if tries is not None:
            facts |= {"failures": str(len(tries.failed)), "amount": f"{tries.amount_minor / 100:.2f} {tries.currency}"}
        return Evidence(
            since=datetime.fromtimestamp(since, UTC),
            expected="a payment that succeeds within two attempts",
            actual=f"{len(tries.failed)} failed attempts, none succeeded" if tries else f"ended by {reading.stage}",
            factors=reading.factors(),
            facts=facts,
        )

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Four failures within ten minutes."""
        return [_attempt(minute, succeeded=False) for minute in (0, 3, 6, 9)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Two failures, a success, and two more on another day."""
        day = 24 * 60
        tries = [(0, False), (3, False), (4, True), (day, False), (day + 2, False)]
        return [*(_attempt(minute, succeeded=succeeded) for minute, succeeded in tries), _tick(2 * day)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """One to eight failures."""
        return [[_attempt(minute, succeeded=False) for minute in range(count)] for count in range(1, 9)]


_START = datetime(2013, 2, 8, 9, tzinfo=UTC)


def _attempt(minute: int, *, succeeded: bool) -> PaymentAttempted:
    data = PaymentAttemptedData(order_id="A-17", succeeded=succeeded, amount_minor=4990)
    time = _START + timedelta(minutes=minute)
    return PaymentAttempted(id=f"pay-{minute}", source="shop", subject="c-1", time=time, data=data)


def _tick(minute: int) -> Tick:
    data = TickData(source_topic="telemetry.v1", source_partition=0, source_partitions=1)
    return Tick(id=f"t-{minute}", source="ingest", subject="tick", time=_START + timedelta(minutes=minute), data=data)
