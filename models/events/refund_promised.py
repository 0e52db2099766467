"""A customer is to get money back, and was told by when."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Currency, Instant, Key, Minor


class RefundPromisedData(Payload, frozen=True):
    """Said again with the same `refund_id`, the newer promise counts. `order_id` is empty when it is about none."""

    refund_id: Key
    promised_by: Instant
    order_id: Annotated[str, Meta(max_length=128)] = ""
    amount_minor: Minor = 0
    currency: Currency = "EUR"


class RefundPromised(Event, frozen=True, tag="refund.promised.v1"):
    """The promise stands from `time` on; `promised_by` is the last moment that keeps it."""

    topic: ClassVar[str] = "orders.v1"
    data: RefundPromisedData

    @classmethod
    def example(cls) -> Self:
        """The money for a returned order, within two weeks."""
        data = RefundPromisedData(
            refund_id="R-5", order_id="A-17", promised_by=datetime(2013, 2, 22, tzinfo=UTC), amount_minor=4990
        )
        return cls(id="r-5-p", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, tzinfo=UTC), data=data)
