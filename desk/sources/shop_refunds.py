"""Money back in the simulated shop: paid before the day, on its evening, or long after it."""

from datetime import datetime

from desk.sources.shop_diary import Diary, days
from models.events.refund_paid import RefundPaid, RefundPaidData
from models.events.refund_promised import RefundPromised, RefundPromisedData

OWNED_SHARE = 0.25
OVERDUE_SHARE = 0.12
LATE_SHARE = 0.03
"""A few hours late, with the bank's evening run: nobody minds."""


def refund(diary: Diary, joins: datetime, _end: datetime) -> None:
    """One in four customers gets one. Of those overdue, one in three is never paid."""
    if not diary.owns(OWNED_SHARE):
        return
    name, at = f"{diary.customer}-r0", joins + days(diary.between(0.5, 4))
    promised = at + days(5)
    data = RefundPromisedData(
        refund_id=name, promised_by=promised, order_id=f"{diary.customer}-o0",
        amount_minor=int(diary.rng.integers(500, 20_000)),
    )  # fmt: skip
    diary.write(RefundPromised, at, data)
    paid: datetime | None
    if diary.hits(OVERDUE_SHARE):
        paid = promised + days(diary.between(1, 12)) if diary.has(2 / 3) else None
        diary.troubled("refund_overdue", name, promised, days(diary.about(2, 0.7)), paid)
    else:
        late = diary.has(LATE_SHARE)
        paid = promised + days(diary.between(0, 0.2)) if late else promised - days(diary.between(0.05, 4.5))
        diary.untroubled("refund_overdue", name, at, promised, paid)
    if paid is not None:
        diary.write(RefundPaid, paid, RefundPaidData(refund_id=name))
