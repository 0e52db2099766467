"""What the bare loop does with a batch: decode it, count in a dict, say what is to be written."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bench.speed.toy import DECODE_MANY, ENCODE, Output, Seen

KeyValue = tuple[bytes, bytes]


class Counter(Protocol):
    """Takes the values of a batch, gives the outputs."""

    def take(self, values: Sequence[bytes]) -> list[KeyValue]:
        """In order; the whole batch at once."""


class ToyCounter:
    """The toy work, line by line what ours does."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def take(self, values: Sequence[bytes]) -> list[KeyValue]:
        """Decode all at once, then one by one."""
        seen_by, outputs = self._seen, []
        for event in DECODE_MANY(b"[" + b",".join(values) + b"]"):
            customer = event.customer
            seen = seen_by.get(customer)
            if seen is None:
                seen = seen_by[customer] = Seen()
            if seen.add(event.value):
                outputs.append((customer.encode(), ENCODE(Output(customer, seen.count, seen.mean))))
        return outputs


class JournalCounter:
    """The toy work on the journal: every record in its own type, count and mean time between events per customer."""

    def __init__(self) -> None:
        # not of the peers' virtualenv, unlike the rest
        from models.events.catalogue import decode_many

        self._decode: Callable[[Sequence[bytes]], Sequence[Any]] = decode_many
        self._seen: dict[str, Seen] = {}
        self._last: dict[str, float] = {}

    def take(self, values: Sequence[bytes]) -> list[KeyValue]:
        """Decode all at once, then one by one."""
        seen_by, last, outputs = self._seen, self._last, []
        for event in self._decode(values):
            customer, at = event.subject, event.time.timestamp()
            seen = seen_by.get(customer)
            if seen is None:
                seen = seen_by[customer] = Seen()
                last[customer] = at
            if seen.add(at - last[customer]):
                outputs.append((customer.encode(), ENCODE(Output(customer, seen.count, seen.mean))))
            last[customer] = at
        return outputs


COUNTERS: Mapping[str, Callable[[], Counter]] = {"toy": ToyCounter, "journal": JournalCounter}
