"""What is asked about Olist's orders: the rows and instants of the reference figures in `docs/figures.md`."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from desk.questions import Ask, Question
from desk.sources.csv_tables import NEVER, Seconds
from desk.sources.olist_tables import DAY_S, OlistOrders

SCORE = "score<=2"
NEW, KNOWN = "new: fewer than 5 earlier orders", "known"
"""Segments of sellers: what is said of a new one rests on its peers."""
Rows = npt.NDArray[np.bool_]


def late_before(orders: OlistOrders, asked: Rows, since: int, days: int) -> Question:
    """P(late) `days` before the end of the promised day, of the orders that are open then.

    Orders without items are left out: nearly all of them are never delivered, so that they tell the outcome.
    The rule: not handed over to the carrier yet.
    """
    at = orders.promised - days * DAY_S
    open_then: Rows = (orders.delivered > at) & (at > orders.bought) & (orders.items > 0)
    known: Rows = open_then & (orders.decided < since)
    rule = (orders.handed_over > at).astype(np.float64)
    return Question(
        name=f"promise-{days}d",
        title=f"late, asked {days} {'day' if days == 1 else 'days'} before the end of the promised day",
        asks=_asks(orders, np.flatnonzero(open_then & asked), at, orders.late, rule),
        usual=_share(orders.late[known]),
        detector="late_delivery",
        rule_name="not handed over to the carrier",
    )


def low_score(orders: OlistOrders, asked: Rows, since: int) -> Question:
    """A score of 2 or less, asked when the promise is kept or broken. The rule: it is broken.

    Who answered before that instant counts as never flagged.
    """
    at = orders.decided
    reviewed: Rows = orders.first_answer < NEVER
    in_time: Rows = at < orders.first_answer
    bad: Rows = (orders.first_score <= 2) & reviewed
    known: Rows = reviewed & in_time & (orders.first_answer < since)
    rule = (orders.late & in_time).astype(np.float64)
    return Question(
        name=SCORE,
        title="a score of 2 or less, asked at the delivery or at the end of the promised day",
        asks=_asks(orders, np.flatnonzero(reviewed & asked), at, bad, rule, ~in_time),
        usual=_share(bad[known]),
        detector="will_complain",
        rule_name="late",
    )


def _asks(
    orders: OlistOrders, rows: npt.NDArray[np.int64], at: Seconds, trouble: Rows, rule: npt.NDArray[np.float64],
    silent: Rows | None = None,
) -> list[Ask]:  # fmt: skip
    earlier = _earlier(orders)
    return [
        Ask(
            object=orders.order[row], customer_id=orders.customer[row], at=datetime.fromtimestamp(int(at[row]), UTC),
            trouble=bool(trouble[row]), rule=float(rule[row]), silent=silent is not None and bool(silent[row]),
            segment={
                "customer's state": orders.state[row],
                "seller": _newness(earlier[row]),
                "month of purchase": f"{datetime.fromtimestamp(int(orders.bought[row]), UTC):%Y-%m}",
            },
        )
        for row in rows.tolist()
    ]  # fmt: skip


def _earlier(orders: OlistOrders) -> list[int]:
    """How many orders the seller of each had before it."""
    counts: Counter[str] = Counter()
    found = []
    for seller in orders.seller:
        found.append(counts[seller])
        counts[seller] += 1
    return found


def _newness(earlier: int) -> str:
    return NEW if earlier < 5 else KNOWN


def _share(trouble: Rows) -> float:
    return float(trouble.mean()) if trouble.size else 0.0
