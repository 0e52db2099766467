"""What is known of an order when its promise is kept or broken, as numbers for `will_complain`. Times in days."""

from math import nan

from detectors.knowledge import Knowledge
from detectors.orders.around import Around
from detectors.propensity.purchase import MEASURES, Purchase

DAY_S = 86_400.0
USUAL = 0.13
"""The share of bad scores where nothing is known."""

NAMES = (
    "late", "margin_d", "promise_d", "age_d", "acted_d", "moved", "moved_after_d", "transit_d", "step_late_d",
    "step_room_d", "amount", "freight_share", *MEASURES,
    "shop.bad", "seller.bad", "seller.cases", "category.bad", "state.bad",
    "shop.late", "state.late", "lane.late", "seller.late", "lane.transit_d", "beyond_lane_d",
)  # fmt: skip


def values(order: Purchase, knowledge: Knowledge, now: float) -> tuple[float, ...]:
    """In the order of `NAMES`; NaN where unknown."""
    measures = order.measures()
    moved, due = order.moved > 0, order.due or nan
    amount, freight = order.amount_minor / 100.0, measures[MEASURES.index("freight")]
    transit = (now - order.moved) / DAY_S if moved else nan
    around = Around(order.entities, knowledge, now)
    return (
        float(now >= order.promised and not order.delivered),
        (order.promised - now) / DAY_S,
        (order.promised - order.placed) / DAY_S,
        (now - order.placed) / DAY_S,
        (order.acted - order.placed) / DAY_S if order.acted else nan,
        float(moved),
        (order.moved - order.placed) / DAY_S if moved else nan,
        transit,
        ((order.moved or now) - due) / DAY_S,
        (order.promised - due) / DAY_S,
        amount,
        freight / (amount + freight) if amount + freight > 0.0 else nan,
        *measures,
        *_bad(around),
        *_waves(around, transit),
    )


def _bad(around: Around) -> tuple[float, ...]:
    """Shares of bad scores: the shop's lately, and by seller, category and state over four months."""
    usual = around.mean("shop", "bad_score/120d", USUAL, 50.0)
    return (
        around.mean("shop", "bad_score/30d", usual, 50.0),
        around.mean("seller", "bad_score/120d", usual, 10.0),
        around.seen("seller", "bad_score/120d").cases,
        around.mean("category", "bad_score/120d", usual, 30.0),
        around.mean("state", "bad_score/120d", usual, 50.0),
    )


def _waves(around: Around, transit: float) -> tuple[float, ...]:
    """Who else is late, and how long the lane takes."""
    shop = around.mean("shop", "parcel_late/7d", 0.08, 10.0)
    state = around.mean("state", "parcel_late/7d", shop, 10.0)
    lane = around.mean("lane", "parcel_late/30d", state, 10.0)
    seller = around.mean("seller", "parcel_late/30d", shop, 10.0)
    usual = around.mean("shop", "transit_d/30d", 9.0, 10.0)
    takes = around.mean("lane", "transit_d/30d", usual, 5.0)
    return shop, state, lane, seller, takes, transit - takes
