"""Trouble: the customer is asked for a fee that they never had before, and that nobody told them of."""

from collections.abc import Iterable, Iterator
from math import log
from typing import Annotated, NamedTuple
from zlib import crc32

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.odds import dated, over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.charge_made import ChargeMade, ChargeMadeData
from models.events.charge_reversed import ChargeReversed
from models.events.invoice_issued import InvoiceIssued, InvoiceIssuedData, InvoiceLine
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MOST_KINDS, MOST_OPEN = 24, 3
EXPECTED = -3.0
"""The score of a fee that the customer knows or was told of."""


class FeeParams(Params, frozen=True):
    """A fee surprises from `floor_minor` on: below, it is not worth the trouble of asking.

    Before `known_bills` bills or charges nothing is known of what this customer agreed to. The score rises by
    `steepness` logits when the fee is e times as high. It is settled, or paid for good, after `settles_s`.
    """

    floor_minor: Annotated[int, Meta(ge=1, le=10**9)] = 200
    known_bills: Annotated[int, Meta(ge=0, le=50)] = 1
    settles_s: Annotated[float, Meta(ge=DAY_S, le=90 * DAY_S)] = 14 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0


class Surprise(msgspec.Struct, array_like=True):
    """The fee as it was asked for; `own` is the checksum of the bill or charge that it stands on."""

    kind: str
    amount_minor: int
    currency: str
    at: int
    own: int


class FeeState(State):
    """Checksums of the kinds of fees that the customer knows, how many bills they had, and what is open, by object."""

    kinds: list[int] = []
    bills: int = 0
    open: dict[str, Surprise] = {}


class _Fee(NamedTuple):
    kind: str
    amount_minor: int
    announced: bool


class SurpriseFee(Detector[FeeParams, FeeState]):
    """A kind of fee surprises once: who had it before, or was told of it, knows it."""

    name = "surprise_fee"
    listens_to = (InvoiceIssued, ChargeMade, ChargeReversed)
    begins_with = (InvoiceIssued, ChargeMade)
    clock = ("orders.v1",)
    params_type = FeeParams
    state_type = FeeState
    floor = "a fee of 2.00 or more, of a kind that was neither there before nor announced"
    warm_up = "one bill or charge before: the first one shows what was agreed"

    def observe(self, state: FeeState, event: Event, moment: Moment) -> Iterable[Output]:
        """A bill or a charge with its fees, or a charge taken back."""
        if isinstance(event, ChargeReversed):
            return self._settled(state, crc32(event.data.charge_id.encode()))
        if isinstance(event, InvoiceIssued):
            own, currency = event.data.invoice_id, event.data.currency
        elif isinstance(event, ChargeMade):
            own, currency = event.data.charge_id, event.data.currency
        else:
            return ()
        said: list[Output] = []
        for fee in _fees(event.data):
            said += self._asked(state, fee, currency, crc32(own.encode()), moment.now)
        state.bills = min(state.bills + 1, 50)
        return said

    def due(self, state: FeeState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """It is no news any more."""
        return () if state.open.pop(alarm.object, None) is None else (over(alarm.object, "settled"),)

    def evidence(self, state: FeeState, reading: Reading, moment: Moment) -> Evidence:
        """Which fee, and how much."""
        fee = state.open.get(reading.object)
        facts = {"about": reading.object, "stage": reading.stage}
        if fee is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        kind, amount = fee.kind.replace("_", " "), f"{fee.amount_minor / 100:.2f} {fee.currency}"
        return Evidence(
            since=instant(fee.at),
            expected=f"no {kind}, as in {state.bills} bills before",
            actual=f"{amount}, not announced",
            factors=reading.factors(),
            facts=facts | {"kind": kind, "amount": amount},
        )

    def _asked(self, state: FeeState, fee: _Fee, currency: str, own: int, now: float) -> list[Output]:
        kind, thing = crc32(fee.kind.encode()), dated(short(fee.kind)[:29], now)
        expected = fee.announced or kind in state.kinds
        state.kinds = [*(one for one in state.kinds if one != kind), kind][-MOST_KINDS:]
        if expected or fee.amount_minor < self.params.floor_minor:
            return [self._reading(thing, EXPECTED, fee, warm=True)]
        score = 0.3 + self.params.steepness * log(fee.amount_minor / self.params.floor_minor)
        state.open[thing] = Surprise(short(fee.kind), fee.amount_minor, currency, int(now), own)
        warm = state.bills >= self.params.known_bills
        said: list[Output] = [self._reading(thing, score, fee, warm=warm), Alarm(thing, now + self.params.settles_s)]
        while len(state.open) > MOST_OPEN:
            oldest = next(iter(state.open))
            del state.open[oldest]
            said += (over(oldest, "forgotten"), Cancel(oldest))
        return said

    @staticmethod
    def _settled(state: FeeState, own: int) -> list[Output]:
        gone = [thing for thing, fee in state.open.items() if fee.own == own]
        for thing in gone:
            del state.open[thing]
        return [said for thing in gone for said in (over(thing, "reversed"), Cancel(thing))]

    @staticmethod
    def _reading(thing: str, score: float, fee: _Fee, *, warm: bool) -> Reading:
        return Reading(
            object=thing,
            look="asked",
            score=score,
            probability=probability(score),
            severity="medium",
            stage="asked",
            warm=warm,
            features=({"amount": fee.amount_minor / 100, "announced": float(fee.announced)},),
        )

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Two plain bills, and a third one with a fee of 7.50 on it."""
        return [_bill(0), _bill(30), _bill(60, InvoiceLine(kind="handling_fee", amount_minor=750, fee=True))]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """A fee from the first bill on; one that was announced; one of 50 cents."""
        monthly = InvoiceLine(kind="paper_fee", amount_minor=250, fee=True)
        told = InvoiceLine(kind="late_fee", amount_minor=900, fee=True, announced=True)
        small = InvoiceLine(kind="rounding", amount_minor=50, fee=True)
        return [
            _bill(0),
            _bill(30, monthly, announced=True),
            _bill(60, monthly, told),
            _bill(90, monthly, small),
            scenes.tick("orders.v1", 120 * 1440),
        ]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """A fee that is higher and higher."""
        amounts = (100, 200, 500, 2_000, 20_000)
        return [[_bill(0), _bill(30, InvoiceLine(kind="fee", amount_minor=one, fee=True))] for one in amounts]


def _fees(data: InvoiceIssuedData | ChargeMadeData) -> Iterator[_Fee]:
    if isinstance(data, ChargeMadeData):
        if data.fee:
            yield _Fee(data.fee, data.amount_minor, data.announced)
        return
    for line in data.lines:
        if line.fee and line.amount_minor > 0:
            yield _Fee(line.kind, line.amount_minor, line.announced)


def _bill(day: int, *lines: InvoiceLine, announced: bool = False) -> InvoiceIssued:
    fees = [msgspec.structs.replace(line, announced=line.announced or announced) for line in lines]
    amount = 3_000 + sum(line.amount_minor for line in lines)
    flat = InvoiceLine(kind="flat", amount_minor=3_000)
    data = InvoiceIssuedData(invoice_id=f"IN-{day}", amount_minor=amount, lines=[flat, *fees])
    return InvoiceIssued(
        id=f"in-{day}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(day * 1440), data=data
    )
