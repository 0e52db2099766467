"""Trouble: a bill is far higher than the customer is used to."""

from collections.abc import Iterable
from math import exp, log, sqrt
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import entity_id, short
from detectors.knowledge import Knowledge, fade
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Observation, Output, Reading
from models.events.base import Event
from models.events.context_updated import ContextUpdated, ContextUpdatedData, FadingSum
from models.events.invoice_issued import InvoiceIssued, InvoiceIssuedData
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MOST_ACCOUNTS, MOST_OPEN = 2, 3
PEERS = "bill_log/90d"
"""What context keeps of a tariff's bills: the sum of the logarithms of what they came to."""


class BillParams(Params, frozen=True):
    """A bill is a shock when it is `share` and `floor_minor` above what was expected, and `deviations` of what varies.

    Expected is the mean of the customer's own bills, in logarithms, so that twice as much weighs the same for all.
    Their tariff's mean stands in for `peer_weight` bills; with none of their own it is alone, and customers of one
    tariff differ by `apart` (log-normal). Bills vary by `varies` until the customer's own have shown by how much
    (`varies_weight` bills). It opens nothing before `known_bills` of their own, or `known_peers` bills of the tariff.
    What was announced beforehand does not count. Bills come once a month: an hour of the week says nothing of them.
    """

    share: Annotated[float, Meta(ge=0.05, le=10.0)] = 0.5
    floor_minor: Annotated[int, Meta(ge=1, le=10**9)] = 500
    deviations: Annotated[float, Meta(ge=0.5, le=10.0)] = 3.0
    peer_weight: Annotated[float, Meta(ge=0.0, le=20.0)] = 1.0
    apart: Annotated[float, Meta(ge=0.05, le=3.0)] = 0.4
    varies: Annotated[float, Meta(ge=0.01, le=2.0)] = 0.2
    varies_weight: Annotated[float, Meta(ge=0.5, le=20.0)] = 3.0
    known_bills: Annotated[int, Meta(ge=1, le=50)] = 3
    known_peers: Annotated[float, Meta(ge=1.0, le=1e6)] = 20.0
    fades_over: Annotated[int, Meta(ge=2, le=100)] = 12
    settles_s: Annotated[float, Meta(ge=DAY_S, le=90 * DAY_S)] = 25 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0


class Bills(msgspec.Struct, array_like=True):
    """Of one account: how many, the mean logarithm of what they came to, and by how much that varies."""

    known: int = 0
    mean: float = 0.0
    variance: float = 0.0


class Shock(msgspec.Struct, array_like=True):
    """A bill that is higher than it should be."""

    amount_minor: int
    usual_minor: int
    currency: str
    at: int


class BillState(State):
    """The past by account, and the bills that are open, by id."""

    accounts: dict[str, Bills] = {}
    open: dict[str, Shock] = {}


class _Usual(NamedTuple):
    """What a bill should come to, in logarithms: middle and spread."""

    log: float
    spread: float
    warm: bool


class BillShock(Detector[BillParams, BillState]):
    """Compares with the customer's own bills, shrunk to those of their tariff while there are few."""

    name = "bill_shock"
    listens_to = (InvoiceIssued,)
    clock = ("orders.v1",)
    params_type = BillParams
    state_type = BillState
    floor = "5.00 and half as much again as expected"
    warm_up = "three bills of their own, or twenty of the tariff's"

    def observe(self, state: BillState, event: Event, moment: Moment) -> Iterable[Output]:
        """A bill; one issued again takes the place of the former."""
        assert isinstance(event, InvoiceIssued)  # noqa: S101 - narrows the type; listens_to holds nothing else
        data, name = event.data, short(event.data.invoice_id)
        bills = self._bills(state, data)
        amount = data.amount_minor - sum(line.amount_minor for line in data.lines if line.announced)
        if amount <= 0:
            return ()
        usual = self._usual(bills, data.tariff, moment.knowledge, moment.now)
        anew = state.open.pop(name, None)
        score, features = self._score(amount, usual)
        reading = _reading(name, score, features, warm=usual.warm)
        said: list[Output] = [reading]
        if score > 0.0:
            state.open[name] = Shock(amount, round(exp(usual.log)), data.currency, int(moment.now))
            said += self._room(state, Alarm(name, moment.now + self.params.settles_s))
        elif anew is not None:
            said = [over(name, "corrected"), Cancel(name)]
        if anew is None:
            said += self._learn(bills, data.tariff, log(amount), usual)
        return said

    def due(self, state: BillState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """The next bill is due: this one is no news any more."""
        return () if state.open.pop(alarm.object, None) is None else (over(alarm.object, "settled"),)

    def evidence(self, state: BillState, reading: Reading, moment: Moment) -> Evidence:
        """How much it is, and how much was usual."""
        shock = state.open.get(reading.object)
        facts = {"invoice_id": reading.object, "stage": reading.stage}
        if shock is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        amount, usual = (f"{minor / 100:.2f} {shock.currency}" for minor in (shock.amount_minor, shock.usual_minor))
        return Evidence(
            since=instant(shock.at),
            expected=f"about {usual}",
            actual=amount,
            factors=reading.factors(),
            facts=facts | {"amount": amount, "usual": usual},
        )

    @staticmethod
    def _bills(state: BillState, data: InvoiceIssuedData) -> Bills:
        account = short(f"{data.account}/{data.currency}")
        bills = state.accounts.pop(account, None) or Bills()
        state.accounts[account] = bills  # the last one used stands last
        while len(state.accounts) > MOST_ACCOUNTS:
            del state.accounts[next(iter(state.accounts))]
        return bills

    def _usual(self, bills: Bills, tariff: str, knowledge: Knowledge, now: float) -> _Usual:
        params, own = self.params, bills.known
        peers, total = _peers(tariff, knowledge, now)
        weight = params.peer_weight if peers >= params.known_peers else 0.0
        if own + weight == 0.0:
            return _Usual(0.0, 1.0, warm=False)
        middle = (own * bills.mean + (weight * total / peers if weight else 0.0)) / (own + weight)
        varies = (own * bills.variance + params.varies_weight * params.varies**2) / (own + params.varies_weight)
        apart = params.apart * weight / (own + weight)
        spread = sqrt(varies * (1.0 + 1.0 / max(1, own)) + apart**2)
        return _Usual(middle, spread, warm=bool(own >= params.known_bills or weight))

    def _score(self, amount: int, usual: _Usual) -> tuple[float, dict[str, float]]:
        """The least of three: all must be felt."""
        params, expected = self.params, exp(usual.log)
        deviations, more = (log(amount) - usual.log) / usual.spread, amount / expected - 1.0
        parts = (
            deviations - params.deviations,
            (more - params.share) / 0.2,
            (amount - expected) / params.floor_minor - 1.0,
        )
        score = max(-9.0, min(9.0, params.steepness * min(parts)))
        return score, {"deviations": deviations, "more": more}

    def _learn(self, bills: Bills, tariff: str, amount_log: float, usual: _Usual) -> list[Output]:
        """A shock counts as just not one: the next bill of this height is nearly as much of a shock."""
        params = self.params
        bounded = min(amount_log, usual.log + params.deviations * usual.spread) if bills.known else amount_log
        bills.known = min(bills.known + 1, params.fades_over)
        away = bounded - bills.mean
        bills.mean += away / bills.known
        bills.variance += (away * (bounded - bills.mean) - bills.variance) / bills.known
        return [Observation(entity_id("tariff", short(tariff)), "bill_log", amount_log)] if tariff else []

    @staticmethod
    def _room(state: BillState, alarm: Alarm) -> list[Output]:
        said: list[Output] = [alarm]
        while len(state.open) > MOST_OPEN:
            oldest = next(iter(state.open))
            del state.open[oldest]
            said += (over(oldest, "forgotten"), Cancel(oldest))
        return said

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """About 30.00 a month, then 95.00."""
        return _months(3_000, 3_100, 2_900, 3_050, 9_500)

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Bills that always vary; a tenth more; the first bill of a new customer."""
        return [*_months(3_000, 5_200, 2_100, 4_800, 3_300, 5_600), scenes.tick("orders.v1", 300 * 1440)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """More and more; the last two are a new customer's of a tariff that is known to cost 20.00 and 5.00."""
        own = [_months(3_000, 3_100, 2_900, amount) for amount in (3_000, 3_600, 5_000)]
        return [*own, [_tariff(1_000), *_months(9_500, tariff="flat")], [_tariff(500), *_months(9_500, tariff="flat")]]


def _peers(tariff: str, knowledge: Knowledge, now: float) -> tuple[float, float]:
    """How many bills the tariff is known by, and the sum of their logarithms; 0 when it is not."""
    known = knowledge.known(entity_id("tariff", short(tariff))) if tariff else None
    kept = None if known is None else known.data.sums.get(PEERS)
    if known is None or kept is None:
        return 0.0, 0.0
    left = fade(kept, now - known.at)
    return kept.weight * left, kept.total * left


def _reading(name: str, score: float, features: dict[str, float], *, warm: bool) -> Reading:
    return Reading(
        object=name,
        look="billed",
        score=score,
        probability=probability(score),
        severity="high" if features["more"] >= 2.0 else "medium",
        stage="higher",
        warm=warm,
        features=(features,),
    )


def _months(*amounts: int, tariff: str = "") -> list[Event]:
    return [
        InvoiceIssued(
            id=f"in-{month}", source="shop", subject=scenes.CUSTOMER, time=scenes.after((month + 1) * 30 * 1440),
            data=InvoiceIssuedData(invoice_id=f"IN-{month}", amount_minor=amount, tariff=tariff),
        )
        for month, amount in enumerate(amounts)
    ]  # fmt: skip


def _tariff(minor: int) -> ContextUpdated:
    sums = {PEERS: FadingSum(half_life_s=60 * DAY_S, weight=400.0, total=400.0 * log(minor))}
    data = ContextUpdatedData(sums=sums)
    return ContextUpdated(id="cx", source="context", subject="tariff:flat", time=scenes.START, data=data)
