"""Orders of things in stock at the simulated shop: kept, cancelled, and some placed again because of a mistake."""

from datetime import datetime

from desk.sources.shop_diary import Diary, days, minutes
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData

OWNED_SHARE = 0.35
REBUY_SHARE = 0.1
CANCELS_SHARE = 0.15
"""Of the others: they changed their mind."""


def rebuys(diary: Diary, joins: datetime, _end: datetime) -> None:
    """One in three customers. Who wants the same again after days has used up what they had."""
    if not diary.owns(OWNED_SHARE):
        return
    at, items = joins + days(diary.between(0.1, 5)), _things(diary)
    if diary.hits(REBUY_SHARE):
        _twice(diary, at, items)
        return
    order = _order(diary, 0, at, items)
    if diary.has(CANCELS_SHARE):
        at += minutes(diary.between(5, 600))
        diary.write(OrderCancelled, at, OrderCancelledData(order_id=order, by="customer"))
        if diary.has(0.5):
            at += minutes(diary.between(5, 2000))
            other = _order(diary, 1, at, _things(diary))
            diary.write(OrderDelivered, at + days(2), OrderDeliveredData(order_id=other))
    else:
        diary.write(OrderDelivered, at + days(2), OrderDeliveredData(order_id=order))
        if diary.has(0.3):
            again = at + days(diary.between(5, 12))
            diary.write(OrderDelivered, again + days(2), OrderDeliveredData(order_id=_order(diary, 1, again, items)))
    diary.untroubled("cancel_and_rebuy", "", joins, at, at + days(20))


def _twice(diary: Diary, at: datetime, items: list[str]) -> None:
    """Cancelled and ordered again, in either order; now and then a thing of three is left out."""
    first = _order(diary, 0, at, items)
    gone = at + minutes(diary.between(3, 900))
    again = gone + minutes(diary.between(-2.5, 2500) if diary.has(0.7) else -diary.between(0.1, 2.5))
    second = _order(diary, 1, again, items[:2] if len(items) == 3 and diary.has(0.3) else items)
    diary.write(OrderCancelled, gone, OrderCancelledData(order_id=first, by="customer"))
    began = max(gone, again)
    diary.troubled("cancel_and_rebuy", second, began, minutes(diary.about(600, 0.9)), began + days(3))
    diary.write(OrderDelivered, began + days(2), OrderDeliveredData(order_id=second))


def _order(diary: Diary, number: int, at: datetime, items: list[str]) -> str:
    name = f"{diary.customer}-i{number}"
    data = OrderPlacedData(order_id=name, promised_by=at + days(6), amount_minor=4_000, items=items)
    diary.write(OrderPlaced, at, data)
    return name


def _things(diary: Diary) -> list[str]:
    return [f"B-{int(one)}" for one in diary.rng.choice(4_000, size=int(diary.rng.integers(1, 4)), replace=False)]
