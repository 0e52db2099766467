"""Money was taken from a customer."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Currency, Key, Minor


class ChargeMadeData(Payload, frozen=True):
    """`order_id` is empty when it is for none. `part` tells the charges of one order apart, such as `2/3`.

    `fee` names the kind of fee, such as `late_fee`, and is empty for what was bought. `announced`: the customer was
    told of this very amount before.
    """

    charge_id: Key
    amount_minor: Minor
    currency: Currency = "EUR"
    merchant: Key = "default"
    order_id: Annotated[str, Meta(max_length=128)] = ""
    part: Annotated[str, Meta(max_length=20)] = ""
    fee: Annotated[str, Meta(max_length=128)] = ""
    announced: bool = False


class ChargeMade(Event, frozen=True, tag="charge.made.v1"):
    """It was booked at `time`; attempts that failed are `payment.attempted.v1`."""

    topic: ClassVar[str] = "orders.v1"
    data: ChargeMadeData

    @classmethod
    def example(cls) -> Self:
        """An order, paid at once."""
        data = ChargeMadeData(charge_id="ch-4", amount_minor=4990, order_id="A-17")
        return cls(id="ch-4", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 2, tzinfo=UTC), data=data)
