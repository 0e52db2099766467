"""Bills of the simulated shop: every twelve days, about the same each time, with and without fees, and some shocks."""

from datetime import datetime
from typing import Final

from desk.sources.shop_diary import Diary, days
from models.events.invoice_issued import InvoiceIssued, InvoiceIssuedData, InvoiceLine

OWNED_SHARE = 0.3
SHOCK_SHARE, FEE_SHARE = 0.03, 0.03
"""Per bill."""

EVERY, GOES_ON = days(12), days(68)
TARIFFS: Final = {"small": 2_000.0, "middle": 4_500.0, "large": 9_000.0}
"""What half of their customers are above, in cents."""

FEES = ("handling_fee", "late_fee", "card_fee", "dunning_fee")
UNSTEADY_SHARE = 0.1
"""Customers whose bills vary by up to a third each time; the others' by a twelfth."""


def bills(diary: Diary, joins: datetime, end: datetime) -> None:
    """Three customers in ten. A shock is twice as much or more, and does not come back."""
    if not diary.owns(OWNED_SHARE):
        return
    tariff = str(diary.rng.choice(list(TARIFFS)))
    usual, unsteady = diary.about(TARIFFS[tariff], 0.3), diary.has(UNSTEADY_SHARE)
    paper, at = diary.has(0.2), joins + days(diary.between(0.5, 11))
    known: set[str] = set()
    for number in range(99):
        if at >= end + GOES_ON:
            return
        shock = number >= 3 and diary.hits(SHOCK_SHARE)
        amount = usual * diary.between(0.7, 1.33) if unsteady else diary.about(usual, 0.08)
        amount *= diary.between(2, 4) if shock else 1.0
        lines = [InvoiceLine(kind="tariff", amount_minor=round(amount))]
        if paper:
            lines.append(InvoiceLine(kind="paper_fee", amount_minor=250, fee=True, announced=number == 0))
        lines += [*_announced(diary, number), *_fee(diary, number, at, known)]
        name = f"{diary.customer}-b{number}"
        total = sum(line.amount_minor for line in lines)
        diary.write(
            InvoiceIssued, at, InvoiceIssuedData(invoice_id=name, amount_minor=total, tariff=tariff, lines=lines)
        )
        if shock:
            diary.troubled("bill_shock", name, at, days(diary.about(4, 0.6)))
        else:
            diary.untroubled("bill_shock", name, at, at, at)
        at += EVERY + days(diary.between(-0.5, 0.5))


def _announced(diary: Diary, number: int) -> list[InvoiceLine]:
    """Now and then something large that the customer knows of."""
    if number == 0 or not diary.has(0.05):
        return []
    return [InvoiceLine(kind="device", amount_minor=int(diary.rng.integers(5_000, 30_000)), announced=True)]


def _fee(diary: Diary, number: int, at: datetime, known: set[str]) -> list[InvoiceLine]:
    """One that was announced is no surprise, nor are a few cents."""
    kind = str(diary.rng.choice(FEES))
    if kind in known or not number:
        return []
    if diary.hits(FEE_SHARE):
        known.add(kind)
        diary.troubled("surprise_fee", "", at, days(diary.about(4, 0.6)), at + days(10))
        return [InvoiceLine(kind=kind, amount_minor=int(diary.rng.integers(250, 1_500)), fee=True)]
    diary.untroubled("surprise_fee", "", at, at, at)
    if diary.has(0.04):
        known.add(kind)
        return [InvoiceLine(kind=kind, amount_minor=int(diary.rng.integers(250, 1_500)), fee=True, announced=True)]
    cents = InvoiceLine(kind="rounding", amount_minor=int(diary.rng.integers(1, 60)), fee=True)
    return [cents] if diary.has(0.03) else []
