"""One flight of the table as the events of one order and its customer."""

from datetime import UTC, datetime, timedelta

from desk.sources.flight_tables import FlightTable
from models.events.address_changed import AddressChanged, AddressChangedData
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.profile_changed import ProfileChanged, ProfileChangedData

SOURCE = "flights"
CANCELLATION_KNOWN_MIN = 60
PLACED_BEFORE_MIN = 24 * 60
"""Orders are placed a day ahead, as check-in opens: the first reading (3 h before) needs no more, and so about a
thousand orders are open at a time instead of the tens of thousands that real booking times would leave open."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(minute: int) -> datetime:
    """UTC minutes since 1970 as an aware instant."""
    return EPOCH + timedelta(minutes=minute)


class FlightEvents:
    """Makes each event of a row of the table. Ids are derived from carrier, flight number, origin and date.

    `in_full`: an order also names its flight, destination and region. Then it is learned about, which costs about five
    times as many observations (`detectors/orders/flight_course.py`).
    """

    def __init__(self, table: FlightTable, *, in_full: bool = False) -> None:
        self._table = table
        self._in_full = in_full

    def order(self, row: int) -> str:
        """The order id, such as `UA1545-EWR-20130208`."""
        table = self._table
        return f"{table.carrier[row]}{table.number[row]}-{table.origin[row]}-{table.day[row]}"

    def customer(self, row: int) -> str:
        """One customer per flight."""
        return f"flight-{self.order(row)}"

    def address(self, row: int) -> AddressChanged:
        """An invented mailbox, known when the order is placed."""
        customer = self.customer(row)
        data = AddressChangedData(channel="email", address=f"{customer.lower()}@example.org")
        at = self._placed_at(row)
        return AddressChanged(id=f"{customer}-address", source=SOURCE, subject=customer, time=at, data=data)

    def profile(self, row: int) -> ProfileChanged:
        """The customer is in New York until departure, and agreed to be written to."""
        customer = self.customer(row)
        data = ProfileChangedData(zone="America/New_York", locale="en-US", consent={"email": True})
        at = self._placed_at(row)
        return ProfileChanged(id=f"{customer}-profile", source=SOURCE, subject=customer, time=at, data=data)

    def placed(self, row: int) -> OrderPlaced:
        """Departure is the step, arrival the promise."""
        table, order = self._table, self.order(row)
        data = OrderPlacedData(
            order_id=order, promised_by=instant(int(table.promised[row])), entities=self._entities(row),
            steps=[PlannedStep(name="departed", due=instant(int(table.due[row])))], currency="USD",
        )  # fmt: skip
        at = self._placed_at(row)
        return OrderPlaced(id=f"{order}-placed", source=SOURCE, subject=self.customer(row), time=at, data=data)

    def departed(self, row: int) -> OrderStep:
        """It left."""
        order, at = self.order(row), instant(int(self._table.departed[row]))
        data = OrderStepData(order_id=order, step="departed")
        return OrderStep(id=f"{order}-departed", source=SOURCE, subject=self.customer(row), time=at, data=data)

    def arrived(self, row: int) -> OrderDelivered:
        """It arrived where it was going."""
        order, at = self.order(row), instant(int(self._table.arrived[row]))
        data = OrderDeliveredData(order_id=order)
        return OrderDelivered(id=f"{order}-arrived", source=SOURCE, subject=self.customer(row), time=at, data=data)

    def cancelled(self, row: int) -> OrderCancelled:
        """The airline cancelled it."""
        order, at = self.order(row), instant(int(self._table.due[row]) + CANCELLATION_KNOWN_MIN)
        data = OrderCancelledData(order_id=order, by="seller")
        return OrderCancelled(id=f"{order}-cancelled", source=SOURCE, subject=self.customer(row), time=at, data=data)

    def _placed_at(self, row: int) -> datetime:
        return instant(int(self._table.due[row]) - PLACED_BEFORE_MIN)

    def _entities(self, row: int) -> dict[str, str]:
        """What flights share; the region is that of the three airports."""
        table = self._table
        origin, carrier = table.origin[row], table.carrier[row]
        found = {
            "airport": origin,
            "carrier": carrier,
            "airport_carrier": f"{origin}-{carrier}",
            "airport_hour": f"{origin}-{table.local_hour[row]:02}",
        }
        if not self._in_full:
            return found
        return found | {
            "region": "new_york",
            "destination": table.destination[row],
            "flight": f"{carrier}{table.number[row]}-{origin}",
        }
