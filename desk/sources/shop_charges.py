"""What the simulated shop takes from its customers: once, in parts, twice for good reasons, and twice without."""

from datetime import datetime

from desk.sources.shop_diary import Diary, days, minutes, seconds
from models.events.charge_made import ChargeMade, ChargeMadeData
from models.events.charge_reversed import ChargeReversed, ChargeReversedData

OWNED_SHARE = 0.4
DOUBLE_SHARE = 0.06
LIKE_SHARE = 0.2
"""Two charges of the same sum that are both right."""


def charges(diary: Diary, joins: datetime, _end: datetime) -> None:
    """Two customers in five, one to three times. What was taken twice is paid back within days, or never."""
    if not diary.owns(OWNED_SHARE):
        return
    at = joins
    for number in range(int(diary.rng.integers(1, 4))):
        at += days(diary.between(0.1, 3))
        amount = int(diary.rng.integers(150, 20_000))
        order = f"{diary.customer}-g{number}" if diary.has(0.6) else ""
        first = _charge(diary, at, amount, order)
        if diary.hits(DOUBLE_SHARE):
            _taken_twice(diary, at, amount, order)
            continue
        if diary.has(LIKE_SHARE):
            _both_right(diary, at, amount, order)
        diary.untroubled("double_charge", first, at, at, at)


def _taken_twice(diary: Diary, at: datetime, amount: int, order: str) -> None:
    again = at + (minutes(diary.between(0.1, 2000)) if order else seconds(diary.between(1, 400)))
    name = _charge(diary, again, amount, order)
    back = again + days(diary.between(1, 8)) if diary.has(0.5) else None
    diary.troubled("double_charge", name, again, minutes(diary.about(2000, 0.9)), back)
    if back is not None:
        diary.write(ChargeReversed, back, ChargeReversedData(charge_id=name))


def _both_right(diary: Diary, at: datetime, amount: int, order: str) -> None:
    """The second half, another order of the same price, or the same lunch as yesterday."""
    if order and diary.has(0.5):
        _charge(diary, at + minutes(diary.between(0, 30)), amount, order, part="2/2")
    elif order:
        _charge(diary, at + minutes(diary.between(1, 30)), amount, f"{order}b")
    else:
        _charge(diary, at + minutes(diary.between(60, 1500)), amount, "")


def _charge(diary: Diary, at: datetime, amount: int, order: str, part: str = "") -> str:
    name = diary.next_id()
    diary.write(ChargeMade, at, ChargeMadeData(charge_id=name, amount_minor=amount, order_id=order, part=part))
    return name
