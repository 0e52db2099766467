"""The toy work that all contenders share: JSON -> count and running mean per customer -> every 10th is an output.

Read in the peers' own virtualenv too: msgspec only.
"""

from collections.abc import Iterator
from random import Random

import msgspec

EVERY = 10
START = 1_750_000_000


class ToyEvent(msgspec.Struct, frozen=True, gc=False):
    """Twelve members, about 200 bytes of JSON."""

    id: str
    customer: str
    at: float
    value: float
    currency: str
    status: str
    provider: str
    latency_ms: int
    retries: int
    channel: str
    country: str
    items: int


class Seen(msgspec.Struct, array_like=True, gc=False):
    """What is known of a customer."""

    count: int = 0
    mean: float = 0.0

    def add(self, value: float) -> bool:
        """Take a value in; True when this one is to be told."""
        self.count = count = self.count + 1
        self.mean += (value - self.mean) / count
        return count % EVERY == 0


class Output(msgspec.Struct, frozen=True, gc=False):
    """What is told of a customer."""

    customer: str
    count: int
    mean: float


DECODE_ONE = msgspec.json.Decoder(ToyEvent).decode
DECODE_MANY = msgspec.json.Decoder(list[ToyEvent]).decode
ENCODE = msgspec.json.Encoder().encode


def customer_name(number: int) -> str:
    """The key of a customer."""
    return f"c-{number:07}"


def toy_events(count: int, customers: int, seed: int) -> Iterator[ToyEvent]:
    """`count` events of uniformly random customers; the same for the same arguments."""
    rng = Random(seed)  # noqa: S311 - a benchmark's data
    for number in range(count):
        yield ToyEvent(
            id=f"e-{number:09}", customer=customer_name(rng.randrange(customers)), at=START + number / 1000,
            value=round(rng.random() * 100, 2), currency="EUR", status="ok", provider="cardwell",
            latency_ms=rng.randrange(900), retries=rng.randrange(4), channel="web", country="DE",
            items=rng.randrange(1, 9),
        )  # fmt: skip
