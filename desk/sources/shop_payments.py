"""How one customer pays in the simulated shop: at once, at the second try, or never."""

from datetime import datetime, timedelta

import msgspec
import numpy as np

from desk.sources.shop_world import PROVIDERS
from desk.sources.source import Truth
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData

SOURCE = "shop"
LOOP_SHARE = 0.05
STUMBLE_SHARE = 0.1
"""One refusal, then success: not worth a word."""


class Payments(msgspec.Struct, frozen=True):
    """`paid_at` is None when the customer gave up."""

    events: list[PaymentAttempted | CareContactOpened]
    truth: Truth
    paid_at: datetime | None


def pay(
    customer: str, order: str, amount: int, at: datetime, rng: np.random.Generator, *, calm: bool = False
) -> Payments:
    """All attempts for one order. A loop: 4 to 8 refusals minutes apart; one loop in three ends well an hour later.

    `calm`: no loops, one refusal in their place.
    """
    provider, kind = str(rng.choice(PROVIDERS)), float(rng.random())
    loop = kind < LOOP_SHARE and not calm
    refusals = int(rng.integers(4, 9)) if loop else int(kind < LOOP_SHARE + STUMBLE_SHARE)
    events: list[PaymentAttempted | CareContactOpened] = []
    began, called = at, None
    for number in range(refusals):
        data = PaymentAttemptedData(
            order_id=order, succeeded=False, amount_minor=amount, provider=provider, reason="do_not_honor"
        )
        events.append(PaymentAttempted(id=f"{order}-pay-{number}", source=SOURCE, subject=customer, time=at, data=data))
        at += timedelta(seconds=int(rng.integers(40, 200)))
    if loop:
        at += timedelta(minutes=int(rng.integers(60, 120)))
    paid = not loop or rng.random() < 1 / 3
    if paid:
        paid_data = PaymentAttemptedData(order_id=order, succeeded=True, amount_minor=amount, provider=provider)
        events.append(PaymentAttempted(id=f"{order}-paid", source=SOURCE, subject=customer, time=at, data=paid_data))
    elif rng.random() < 0.5:
        called = at
        contact = CareContactOpenedData(contact_id=f"{order}-contact", via="phone", order_id=order)
        events.append(
            CareContactOpened(id=f"{order}-contact-opened", source=SOURCE, subject=customer, time=at, data=contact)
        )
    truth = Truth(
        customer_id=customer, object=order, detector="payment_retry_loop", trouble=loop,
        felt_at=at, promised_by=at, ended_at=at if paid else None,
        began_at=began, called_at=called,
    )  # fmt: skip
    return Payments(events, truth, at if paid else None)
