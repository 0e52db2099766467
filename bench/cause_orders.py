"""Causes on real orders (Olist): the eight late waves of `olist.md`, each with the dimension that it names.

A wave is found when a cause that names its dimension opens, or is told to have grown, between the wave's first purchase
and 5 days after the first promise of its orders ends. A cause is false when it opens outside every wave: before the
first wave's purchases, or when no wave's promises are being broken (from a wave's first purchase to 7 days after nine
in ten of its promises have ended). Inside a wave's time a cause is false, too, when what
became of its own orders is a late share below 1.5 times their usual one.
"""

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt

from bench.cause_words import runs, words
from desk.sources.histories import opened
from desk.sources.olist import Olist
from desk.sources.olist_tables import OlistOrders
from models.events.cause_changed import CauseChanged

WITHIN = timedelta(days=5)
DAY_S = 86_400
ASKED_FROM = datetime(2017, 5, 1, tzinfo=UTC)
"""Before that there are too few orders for waves to be told (`olist.md` looks from then on)."""


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """Purchases on the days from `first` to `last`, and what they share: `kind` and the beginning of `name`.

    `also` are names of another kind that say the same: a lane names its state.
    """

    label: str
    first: str
    last: str
    kind: str = ""
    name: str = ""
    also: tuple[tuple[str, str], ...] = ()


WAVES = (
    Wave(label="W1 Black Friday", first="2017-11-20", last="2017-12-10"),
    Wave(label="W2 RJ", first="2017-11-21", last="2017-12-24", kind="state", name="RJ", also=(("lane", "SP>RJ"),)),
    Wave(label="W3 seller 1025f0e2", first="2017-11-23", last="2017-12-03", kind="seller", name="1025f0e2"),
    Wave(label="W4 seller 4a3ca931", first="2017-11-21", last="2017-12-03", kind="seller", name="4a3ca931"),
    Wave(
        label="W5 RJ again", first="2018-02-05", last="2018-02-18", kind="state", name="RJ", also=(("lane", "SP>RJ"),)
    ),
    Wave(label="W6 nationwide", first="2018-02-19", last="2018-03-25"),
    Wave(label="W7 SC", first="2018-02-19", last="2018-03-11", kind="state", name="SC"),
    Wave(label="W8 seller 88460e8e", first="2018-02-22", last="2018-03-11", kind="seller", name="88460e8e"),
)


class WaveFound(msgspec.Struct, frozen=True, kw_only=True):
    """A wave, by when it had to be found, and the first word in time that named it."""

    wave: str
    orders: int
    late: float
    by: datetime
    at: datetime | None
    entities: dict[str, str] = {}


class CauseJudged(msgspec.Struct, frozen=True, kw_only=True):
    """A cause that opened.

    `late`: the share of its orders whose promise ended from a week before to 3 weeks after; `usual`: of those bought in
    the quiet months (2017-05 to 2017-10).
    """

    at: datetime
    entities: dict[str, str]
    cases: int
    late: float
    usual: float
    in_wave: bool
    false: bool


class OrdersFound(msgspec.Struct, frozen=True, kw_only=True):
    """All waves and all causes from `ASKED_FROM` on."""

    waves: list[WaveFound]
    causes: list[CauseJudged]
    months: float
    false: int
    false_strict: int
    """Also those inside a wave's time that no wave names."""


def orders_found() -> OrdersFound:
    """Play the history, judge what was said."""
    history = opened("olist")
    if not isinstance(history, Olist):
        raise TypeError("olist is no Olist")
    found = words(history.events(), [], history.beat, topics=("orders.v1",), tail=timedelta(days=60))
    orders = history.orders
    waves = [_wave(wave, found, orders) for wave in WAVES]
    causes = [_judged(first, orders) for first, _ in runs(found) if first.time >= ASKED_FROM]
    last = max(one.time for one in found)
    true = [one for one in causes if not one.false]
    named = sum(not any(_names(wave, one.entities) for wave in WAVES) for one in true)
    false = sum(one.false for one in causes)
    return OrdersFound(
        waves=waves, causes=causes, months=(last - ASKED_FROM).days / 30.4, false=false, false_strict=false + named
    )


def _names(wave: Wave, entities: dict[str, str]) -> bool:
    if not wave.kind:
        return not entities
    also = any(entities.get(kind) == name for kind, name in wave.also)
    return also or entities.get(wave.kind, "").startswith(wave.name)


def _bought(wave: Wave, orders: OlistOrders) -> npt.NDArray[np.bool_]:
    first = _second(wave.first)
    inside = (orders.bought >= first) & (orders.bought < _second(wave.last) + DAY_S)
    return inside & _of({wave.kind: wave.name} if wave.kind else {}, orders)


def _of(entities: dict[str, str], orders: OlistOrders) -> npt.NDArray[np.bool_]:
    lanes = [f"{seller}>{state}" for seller, state in zip(orders.seller_state, orders.state, strict=True)]
    columns = {"state": orders.state, "seller": orders.seller, "lane": lanes}
    of: npt.NDArray[np.bool_] = np.ones(len(orders.order), np.bool_)
    for kind, name in entities.items():
        of &= np.array([one.startswith(name) for one in columns[kind]], np.bool_)
    return of


def _wave(wave: Wave, found: list[CauseChanged], orders: OlistOrders) -> WaveFound:
    rows = _bought(wave, orders)
    begins, by = _instant(_second(wave.first)), _instant(int(orders.promised[rows].min())) + WITHIN
    said = [one for one in found if one.data.change != "closed" and begins <= one.time <= by]
    named = next((one for one in said if _names(wave, one.data.entities) and _is_new(one, said)), None)
    return WaveFound(
        wave=wave.label, orders=int(rows.sum()), late=float(orders.late[rows].mean()), by=by,
        at=None if named is None else named.time, entities={} if named is None else named.data.entities,
    )  # fmt: skip


def _is_new(word: CauseChanged, said: list[CauseChanged]) -> bool:
    """It opened in time, or since the first word in time it moved on to the way, or its rate rose by half."""
    if word.data.change == "opened":
        return True
    first = next(one for one in said if one.subject == word.subject)
    moved_on = first.data.look == "step" != word.data.look
    return moved_on or (word.data.look == first.data.look and word.data.rate >= 1.5 * first.data.rate)


def _judged(word: CauseChanged, orders: OlistOrders) -> CauseJudged:
    of, at = _of(word.data.entities, orders), int(word.time.timestamp())
    quiet = of & (orders.bought >= _second("2017-05-01")) & (orders.bought < _second("2017-11-01"))
    near = of & (orders.promised > at - 7 * DAY_S) & (orders.promised <= at + 21 * DAY_S)
    usual = (float(orders.late[quiet].sum()) + 20 * 0.0675) / (int(quiet.sum()) + 20)
    late = float(orders.late[near].mean()) if near.any() else 0.0
    in_wave = any(_second(wave.first) <= at <= _ends(wave, orders) for wave in WAVES)
    return CauseJudged(
        at=word.time, entities=word.data.entities, cases=word.data.cases, late=late, usual=usual, in_wave=in_wave,
        false=not in_wave or late < 1.5 * usual,
    )  # fmt: skip


def _ends(wave: Wave, orders: OlistOrders) -> float:
    return float(np.quantile(orders.promised[_bought(wave, orders)], 0.9)) + 7 * DAY_S


def _second(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
