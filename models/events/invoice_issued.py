"""A customer was sent a bill."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from models.events.base import Event, Payload
from models.fields import Currency, Key, Minor


class InvoiceLine(Payload, frozen=True):
    """`kind` names what it is for; `fee`: nothing that was bought. `announced`: told before the bill."""

    kind: Key
    amount_minor: Minor
    fee: bool = False
    announced: bool = False


class InvoiceIssuedData(Payload, frozen=True):
    """`amount_minor` is the whole; `lines` may be left out. Issued again with the same id, the newer bill counts.

    `account` tells several regular bills of one customer apart; `tariff` is what customers with like bills share.
    """

    invoice_id: Key
    amount_minor: Minor
    currency: Currency = "EUR"
    account: Key = "default"
    tariff: Annotated[str, Meta(max_length=128)] = ""
    lines: Annotated[list[InvoiceLine], Meta(max_length=50)] = field(default_factory=list)


class InvoiceIssued(Event, frozen=True, tag="invoice.issued.v1"):
    """The customer can see it from `time` on."""

    topic: ClassVar[str] = "orders.v1"
    data: InvoiceIssuedData

    @classmethod
    def example(cls) -> Self:
        """A month, with a fee for a late payment."""
        data = InvoiceIssuedData(
            invoice_id="IN-2",
            amount_minor=5490,
            account="mobile",
            tariff="flat-5",
            lines=[
                InvoiceLine(kind="flat", amount_minor=4990),
                InvoiceLine(kind="late_fee", amount_minor=500, fee=True),
            ],
        )
        return cls(id="in-2", source="shop", subject="c-1", time=datetime(2013, 2, 8, 6, tzinfo=UTC), data=data)
