"""The customers of one journal partition: kept as bytes until touched, with their due times in heaps."""

from collections.abc import Mapping

from detectors.clock import NEVER, DueHeap
from detectors.customer import Codec, Customer, Part, decode, decode_header, encode

RESERVED = b"\x00"
"""State keys that begin so are not customers; a customer whose id does is kept under `_ESCAPED`."""

_ESCAPED = b"\x00customer:"


class Memory:
    """Customers by id. `clock_of` gives each detector the place of its clock among `clocks` due heaps.

    More than `hot` customers do not stay decoded after a drain.
    """

    def __init__(
        self, codecs: Mapping[str, Codec], clock_of: Mapping[str, int], clocks: int, forget_after_s: float, hot: int
    ) -> None:
        self.heaps = [DueHeap() for _ in range(clocks)]
        self._codecs = codecs
        self._clock_of = clock_of
        self._forget_after_s = forget_after_s
        self._most_hot = hot
        self._idle = DueHeap()
        self._cold: dict[str, bytes] = {}
        self._hot: dict[str, Customer] = {}
        self._dirty: dict[str, None] = {}

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one record; only its header is read. Raises `ValueError` for another format."""
        customer_id = key.removeprefix(_ESCAPED).decode()
        header = decode_header(value)
        self._cold[customer_id] = value
        for name, due in header.dues.items():
            place = self._clock_of.get(name)
            if place is not None:
                self.heaps[place].restore(due, customer_id)
        if not header.dues and not header.open:
            self._idle.restore(header.last + self._forget_after_s, customer_id)

    def find(self, customer_id: str) -> Customer | None:
        """The customer as remembered, or None."""
        customer = self._hot.get(customer_id)
        if customer is None and (value := self._cold.pop(customer_id, None)) is not None:
            customer = self._hot[customer_id] = self._thaw(value)
        return customer

    def touch(self, customer_id: str) -> Customer:
        """The customer, new if need be, to be written at the next checkpoint."""
        customer = self._hot.get(customer_id) or self.find(customer_id)
        if customer is None:
            customer = self._hot[customer_id] = Customer(len(self.heaps))
        self._dirty[customer_id] = None
        return customer

    def part(self, customer: Customer, detector: str) -> Part:
        """One detector's memory of the customer, new if need be."""
        part = customer.parts.get(detector)
        if part is None:
            part = customer.parts[detector] = self._codecs[detector].part()
        return part

    def queue(self, customer_id: str, customer: Customer, place: int) -> None:
        """Have the customer's earliest alarm under this clock in its heap."""
        due = self._earliest(customer, place)
        if due < customer.queued[place]:
            customer.queued[place] = due
            self.heaps[place].push(due, customer_id)

    def rest(self, customer_id: str, customer: Customer) -> None:
        """Have a customer with nothing due and nothing open wait to be forgotten."""
        if not customer.waits and not customer.busy:
            customer.waits = True
            self._idle.push(customer.last + self._forget_after_s, customer_id)

    def forget(self, now: float) -> None:
        """Forget who has been idle until `now`, with nothing due and nothing open."""
        while (entry := self._idle.pop(now)) is not None:
            customer = self.find(entry[1])
            if customer is None:
                continue
            customer.waits = False
            if not customer.busy and customer.last + self._forget_after_s <= now:
                del self._hot[entry[1]]
                self._dirty[entry[1]] = None
            else:
                self.rest(entry[1], customer)

    def drain(self) -> list[tuple[bytes, bytes | None]]:
        """Every touched customer as bytes, once; None for a forgotten one."""
        states: list[tuple[bytes, bytes | None]] = []
        for customer_id in self._dirty:
            customer = self._hot.get(customer_id)
            states.append((state_key(customer_id), None if customer is None else encode(customer, self._codecs)))
        self._dirty.clear()
        if len(self._hot) > self._most_hot:
            self._freeze()
        return states

    def _freeze(self) -> None:
        for customer_id, customer in self._hot.items():
            for place in range(len(self.heaps)):
                due = self._earliest(customer, place)
                if due != customer.queued[place] and due != NEVER:
                    self.heaps[place].push(due, customer_id)
            self._cold[customer_id] = encode(customer, self._codecs)
        self._hot.clear()

    def _thaw(self, value: bytes) -> Customer:
        customer = decode(value, self._codecs, len(self.heaps))
        customer.queued = [self._earliest(customer, place) for place in range(len(self.heaps))]
        customer.waits = not customer.busy
        return customer

    def _earliest(self, customer: Customer, place: int) -> float:
        earliest = NEVER
        for name, part in customer.parts.items():
            if part.alarms and self._clock_of[name] == place:
                earliest = min(earliest, min(part.alarms.values()))
        return earliest


def is_customer(key: bytes) -> bool:
    """Whether a state key is a customer's."""
    return not key.startswith(RESERVED) or key.startswith(_ESCAPED)


def state_key(customer_id: str) -> bytes:
    """The customer's key in the state topic."""
    key = customer_id.encode()
    return _ESCAPED + key if key.startswith(RESERVED) else key
