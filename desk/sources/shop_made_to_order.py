"""Orders of the simulated shop that are made first: no planned steps, a promise weeks away, and some are forgotten."""

from datetime import datetime, timedelta

from desk.sources.shop_diary import Diary
from desk.sources.shop_orders import TROUBLE_AFTER
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.events.order_step import OrderStep, OrderStepData

OWNED_SHARE = 0.25
FORGOTTEN_SHARE = 0.12
STEPS = ("confirmed", "in_the_making", "made", "handed_over")


def made_to_order(diary: Diary, joins: datetime, _end: datetime) -> None:
    """One in four customers orders such a thing. A forgotten one stands still for most of what was promised."""
    if not diary.owns(OWNED_SHARE):
        return
    order, whole = f"{diary.customer}-m0", timedelta(days=diary.between(10, 24))
    at = joins + timedelta(minutes=diary.between(1, 600))
    promised = at + whole
    diary.write(OrderPlaced, at, OrderPlacedData(order_id=order, promised_by=promised))
    forgotten_at: int | None = None
    if diary.hits(FORGOTTEN_SHARE):  # one in twenty before it was even confirmed
        forgotten_at = -1 if diary.has(0.05) else int(diary.rng.integers(0, 3))
    stalled: tuple[datetime, datetime] | None = None
    for number, step in enumerate(STEPS):
        moves = at + whole * (diary.between(0.01, 0.05) if number == 0 else diary.between(0.08, 0.28))
        if number - 1 == forgotten_at:
            moves = at + whole * diary.between(0.65, 1.1)
            stalled = at, moves
        at = moves
        diary.write(OrderStep, at, OrderStepData(order_id=order, step=step))
    arrives = at + whole * diary.between(0.02, 0.06)
    diary.write(OrderDelivered, arrives, OrderDeliveredData(order_id=order))
    if stalled is not None:
        diary.troubled("stalled_order", order, stalled[0], whole * diary.about(0.8, 0.35), stalled[1])
    else:
        diary.untroubled("stalled_order", order, joins, promised, arrives)
    if arrives >= promised + TROUBLE_AFTER:
        patience = promised - joins + timedelta(hours=diary.about(12, 0.7))
        diary.troubled("late_delivery", order, joins, patience, arrives)
    else:
        diary.untroubled("late_delivery", order, joins, promised, arrives)
