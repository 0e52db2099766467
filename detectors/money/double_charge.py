"""Trouble: the same money was taken from the customer twice."""

from collections.abc import Iterable
from typing import Annotated
from zlib import crc32

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.charge_made import ChargeMade, ChargeMadeData
from models.events.charge_reversed import ChargeReversed
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
KEPT, MOST_PAIRS, MOST_HABITS = 8, 3, 4


class DoubleParams(Params, frozen=True):
    """Two like charges are one too many within `window_s`, and within `order_window_s` for the same order.

    Two coffees are two like charges, too; but within ten minutes, at one merchant, to the cent, they are rather one
    that was booked twice. Less than `floor_minor` is not worth a word. Each earlier pair that the customer let stand
    for `stands_s` takes `habit` logits off: then they do buy twice.
    """

    window_s: Annotated[float, Meta(ge=1.0, le=7 * DAY_S)] = 600.0
    order_window_s: Annotated[float, Meta(ge=1.0, le=90 * DAY_S)] = 14 * DAY_S
    floor_minor: Annotated[int, Meta(ge=1, le=10**9)] = 100
    stands_s: Annotated[float, Meta(ge=3600.0, le=60 * DAY_S)] = 10 * DAY_S
    habit: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.8
    same_order: Annotated[float, Meta(ge=0.0, le=10.0)] = 2.0


class Charge(msgspec.Struct, array_like=True):
    """Checksums of all that must be alike, and of the charge's own id; `times` like charges up to this one."""

    at: int
    like: int
    own: int
    times: int = 1


class Pair(msgspec.Struct, array_like=True):
    """Like charges, named by the second: when the first and the newest were made, what they were, and how many."""

    first: int
    at: int
    amount_minor: int
    currency: str
    order_id: str
    like: int
    times: int


class DoubleState(State):
    """The last charges, the pairs that are open by charge id, and how often like pairs were let stand."""

    charges: list[Charge] = []
    pairs: dict[str, Pair] = {}
    habits: dict[int, int] = {}


class DoubleCharge(Detector[DoubleParams, DoubleState]):
    """Charges of different orders, or different parts of one, are never the same, whatever their amounts."""

    name = "double_charge"
    listens_to = (ChargeMade, ChargeReversed)
    begins_with = (ChargeMade,)
    clock = ("orders.v1",)
    params_type = DoubleParams
    state_type = DoubleState
    floor = "the same amount, of 1.00 or more, twice for one order, or at one merchant within ten minutes"
    warm_up = "none: both charges are the customer's own; who often buys twice is told less"

    def observe(self, state: DoubleState, event: Event, moment: Moment) -> Iterable[Output]:
        """A charge, or one that is taken back."""
        if type(event) is ChargeMade:
            return self._charged(state, event.data, int(moment.now))
        if isinstance(event, ChargeReversed):
            return self._reversed(state, event.data.charge_id)
        return ()

    def due(self, state: DoubleState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """The customer let it stand: the next pair of this kind is less of a surprise."""
        pair = state.pairs.pop(alarm.object, None)
        if pair is None:
            return ()
        if not pair.order_id:
            state.habits[pair.like] = state.habits.get(pair.like, 0) + 1
            while len(state.habits) > MOST_HABITS:
                del state.habits[next(iter(state.habits))]
        return (over(alarm.object, "let stand"),)

    def evidence(self, state: DoubleState, reading: Reading, moment: Moment) -> Evidence:
        """How much, how often, and how far apart."""
        pair = state.pairs.get(reading.object)
        facts = {"charge_id": reading.object, "stage": reading.stage}
        if pair is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        facts |= {"amount": f"{pair.amount_minor / 100:.2f} {pair.currency}", "times": str(pair.times)}
        facts |= {"order_id": pair.order_id, "first": instant(pair.first).isoformat()}
        return Evidence(
            since=instant(pair.at),
            expected=f"{facts['amount']} once",
            actual=f"{pair.times} times, {max(0, pair.at - pair.first)} seconds apart",
            factors=reading.factors(),
            facts=facts,
        )

    def _charged(self, state: DoubleState, data: ChargeMadeData, now: int) -> list[Output]:
        alike = (data.merchant, f"{data.amount_minor}{data.currency}", data.part, data.fee, data.order_id)
        like = crc32("\0".join(alike).encode())
        new = Charge(now, like, crc32(data.charge_id.encode()))
        if data.amount_minor < self.params.floor_minor or any(one.own == new.own for one in state.charges):
            return []
        window_s = self.params.order_window_s if data.order_id else self.params.window_s
        twins = [one for one in state.charges if one.like == like and abs(now - one.at) <= window_s]
        new.times = 1 + max((one.times for one in twins), default=0)
        state.charges = [*state.charges, new][-KEPT:]
        if not twins:
            return [_once(data.charge_id)]
        name = next((one for one, pair in state.pairs.items() if pair.like == like), short(data.charge_id))
        pair = Pair(twins[0].at, now, data.amount_minor, data.currency, data.order_id[:64], like, new.times)
        state.pairs[name] = pair
        said: list[Output] = [self._reading(state, name, pair), Alarm(name, now + self.params.stands_s)]
        while len(state.pairs) > MOST_PAIRS:
            oldest = next(iter(state.pairs))
            del state.pairs[oldest]
            said += (over(oldest, "forgotten"), Cancel(oldest))
        return said

    def _reversed(self, state: DoubleState, charge_id: str) -> list[Output]:
        """Any of them may be taken back; with one left, they are too many no more."""
        own = crc32(charge_id.encode())
        gone = next((one for one in state.charges if one.own == own), None)
        if gone is None:
            return []
        state.charges = [one for one in state.charges if one is not gone]
        name, pair = next(((name, pair) for name, pair in state.pairs.items() if pair.like == gone.like), ("", None))
        if pair is None:
            return []
        pair.times -= 1
        if pair.times > 1:
            return []
        del state.pairs[name]
        return [over(name, "reversed"), Cancel(name)]

    def _reading(self, state: DoubleState, name: str, pair: Pair) -> Reading:
        params, same = self.params, bool(pair.order_id)
        window_s = params.order_window_s if same else params.window_s
        close = max(0.0, 1.0 - abs(pair.at - pair.first) / window_s)
        habit = 0 if same else state.habits.get(pair.like, 0)
        score = 0.5 + close + params.same_order * same + (pair.times - 2) - params.habit * habit
        return Reading(
            object=name,
            look="charged",
            score=score,
            probability=probability(score),
            severity="high" if pair.times > 2 else "medium",
            stage="twice",
            features=({"times": float(pair.times), "close": close, "same_order": float(same), "let_stand": -habit},),
        )

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """The same order, charged twice within two minutes."""
        return [_charge(0, order="A-17"), _charge(2, order="A-17")]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Two orders of the same price, two parts of one order, and the same coffee on two days."""
        day = 1440
        orders = [_charge(0, order="A-17"), _charge(2, order="A-18")]
        parts = [_charge(10, order="A-19", part="1/2"), _charge(11, order="A-19", part="2/2")]
        return [*orders, *parts, _charge(20), _charge(day + 20), scenes.tick("orders.v1", 30 * day)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """One charge; two nine minutes apart, then one; for one order; and again and again for it."""
        same: list[Event] = [_charge(minute, order="A-17") for minute in range(5)]
        return [[_charge(0)], [_charge(0), _charge(9)], [_charge(0), _charge(1)], same[:2], same[:3], same]


def _once(charge_id: str) -> Reading:
    return Reading(object=short(charge_id), look="charged", score=-4.0, probability=probability(-4.0), stage="once")


def _charge(minute: int, *, order: str = "", part: str = "") -> ChargeMade:
    data = ChargeMadeData(charge_id=f"ch-{minute}", amount_minor=4990, order_id=order, part=part)
    return ChargeMade(id=f"ch-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data)
