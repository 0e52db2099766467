"""What is known of an order when its promise is kept or broken, as numbers for `will_complain`. Times in days."""

from math import nan

from detectors.knowledge import Knowledge
from detectors.orders.around import Around
from detectors.propensity.purchase import MEASURES, Purchase

DAY_S = 86_400.0
SHARE = "bad_score/120d"
USUAL = 0.13
"""The share of bad scores where nothing is known."""

NAMES = (
    "late", "margin_d", "promise_d", "age_d", "acted_d", "moved_after_d", "step_late_d", "amount", *MEASURES,
    "seller.bad", "seller.cases", "category.bad", "state.bad",
)  # fmt: skip
"""Chosen on orders bought before November 2017: how others fare on the way, and recent waves, gained nothing."""


def values(order: Purchase, knowledge: Knowledge, now: float) -> tuple[float, ...]:
    """In the order of `NAMES`; NaN where unknown."""
    due = order.due or nan
    return (
        float(now >= order.promised and not order.delivered),
        (order.promised - now) / DAY_S,
        (order.promised - order.placed) / DAY_S,
        (now - order.placed) / DAY_S,
        (order.acted - order.placed) / DAY_S if order.acted else nan,
        (order.moved - order.placed) / DAY_S if order.moved else nan,
        ((order.moved or now) - due) / DAY_S,
        order.amount_minor / 100.0,
        *order.measures(),
        *_bad(Around(order.entities, knowledge, now)),
    )


def _bad(around: Around) -> tuple[float, ...]:
    """Shares of bad scores over four months: a new seller is taken for a usual one of its shop."""
    usual = around.mean("shop", SHARE, USUAL, 50.0)
    return (
        around.mean("seller", SHARE, usual, 10.0),
        around.seen("seller", SHARE).cases,
        around.mean("category", SHARE, usual, 30.0),
        around.mean("state", SHARE, usual, 50.0),
    )
