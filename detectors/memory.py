"""The customers of one journal partition, as bytes, with their due times in heaps."""

from collections.abc import Iterable

from detectors.customer import Customer, decode, decode_own, encode
from detectors.due_heap import DueHeap

RESERVED = b"\x00"
"""State keys that begin so are not customers; a customer whose id does is kept under `_ESCAPED`."""

_ESCAPED = b"\x00customer:"


class Memory:
    """Customers by id. `detectors` are the keys of those who remember something of them.

    `dues` holds when each detector has its first alarm of each customer; whoever changes an alarm says so there.
    """

    def __init__(self, detectors: Iterable[str], forget_after_s: float) -> None:
        self.dues = {detector: DueHeap() for detector in detectors}
        self._forget_after_s = forget_after_s
        self._idle = DueHeap()
        self._records: dict[str, bytes] = {}
        self._touched: dict[str, None] = {}

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one record. Raises `ValueError` for another format.

        Detectors that are no more, or have another state version, are left out: they start anew.
        """
        customer_id, customer = key.removeprefix(_ESCAPED).decode(), decode(value)
        if gone := customer.parts.keys() - self.dues.keys():
            for detector in gone:
                customer.drop(detector)
            value = encode(customer)
        self._records[customer_id] = value
        for detector, due in customer.dues.items():
            self.dues[detector].set(customer_id, due)
        self._rest(customer_id, customer)

    def find(self, customer_id: str) -> Customer | None:
        """The customer as remembered, or None. A change counts when it is kept."""
        value = self._records.get(customer_id)
        return None if value is None else decode_own(value)

    def keep(self, customer_id: str, customer: Customer) -> None:
        """Remember the customer so, and write it at the next checkpoint."""
        self._records[customer_id] = encode(customer)
        self._touched[customer_id] = None
        if not customer.dues and not customer.open and customer_id not in self._idle:
            self._rest(customer_id, customer)

    def forget(self, now: float) -> None:
        """Forget who has been idle until `now`, with nothing due and nothing open."""
        if self._idle.next_at > now:
            return
        while (entry := self._idle.pop(now)) is not None:
            customer_id = entry[1]
            customer = self.find(customer_id)
            if customer is None:
                continue
            if not customer.busy and customer.last + self._forget_after_s <= now:
                del self._records[customer_id]
                self._touched[customer_id] = None
            else:
                self._rest(customer_id, customer)

    def keys(self) -> list[bytes]:
        """The state keys of all customers."""
        return [state_key(customer_id) for customer_id in self._records]

    def drain(self) -> list[tuple[bytes, bytes | None]]:
        """Every touched customer as bytes, once; None for a forgotten one."""
        records = self._records
        states = [
            (state_key(customer_id) if customer_id[:1] == "\x00" else customer_id.encode(), records.get(customer_id))
            for customer_id in self._touched
        ]
        self._touched.clear()
        return states

    def _rest(self, customer_id: str, customer: Customer) -> None:
        """Have a customer with nothing due and nothing open wait to be forgotten."""
        if not customer.busy:
            self._idle.set(customer_id, customer.last + self._forget_after_s)


def is_customer(key: bytes) -> bool:
    """Whether a state key is a customer's."""
    return not key.startswith(RESERVED) or key.startswith(_ESCAPED)


def state_key(customer_id: str) -> bytes:
    """The customer's key in the state topic."""
    key = customer_id.encode()
    return _ESCAPED + key if key.startswith(RESERVED) else key
