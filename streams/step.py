"""What a role does with one partition of its input: the port between Kafka and everything that is pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from detectors.causes.cause import Standing
from streams.metrics.metric import Count
from streams.topics import state_topic

Headers = Sequence[tuple[str, bytes]]
Output = tuple[str, int, bytes | None, bytes | None, Headers]
"""Topic, partition, key, value, headers of a record to write. A plain tuple: a batch makes thousands of them."""

State = tuple[bytes, bytes | None]
"""Key and value of one piece of state; a value of None forgets the key."""

MARKER_KEY = b"\x00marker"
"""The checkpoint's own key in a state topic: never given to a step, never to be used by one."""


class Record(Protocol):
    """One record of the input, as aiokafka hands it over."""

    @property
    def key(self) -> bytes | None:
        """As the producer sent it."""

    @property
    def value(self) -> bytes | None:
        """As the producer sent it."""

    @property
    def offset(self) -> int:
        """Its place in the partition; there are holes where transactions ended."""

    @property
    def timestamp(self) -> int:
        """Milliseconds of Unix time, given by the producer or the broker."""

    @property
    def headers(self) -> Headers:
        """As the producer sent them."""


class Progress(msgspec.Struct, frozen=True):
    """What a step may need to know of the reading besides the records.

    `at_end_as_of` is a business instant at which nothing in the partition was unread, None when there is none yet.
    It is never later than the truth, and a later one may follow.
    """

    at_end_as_of: datetime | None = None


class Writes(msgspec.Struct):
    """What the next transaction holds besides the marker, in this order."""

    outputs: list[Output] = []
    states: list[State] = []
    counts: list[Count] = []
    """What is to be counted once the transaction is through."""


class Step(Protocol):
    """One role on one partition. Called from one task, never in parallel, and it must not wait for anything."""

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one piece of state, before anything is applied."""

    def apply(self, records: Sequence[Record]) -> None:
        """Take in the next records, in order. An exception ends the process: nothing of it has been written."""

    def drain(self, progress: Progress, /) -> Writes:
        """Everything since the last drain that is to be written, encoded. Called once per checkpoint."""


@runtime_checkable
class Pauses(Protocol):
    """A step that may have to wait for work that is done elsewhere, in the middle of a batch."""

    def left(self) -> Sequence[Record]:
        """What of the last batch given to `apply` was not taken in: the rest of it, from one record on."""

    async def pause(self) -> None:
        """Wait a moment; then `left` may be applied. An exception ends the process."""


@runtime_checkable
class KnowsTime(Protocol):
    """A step that knows how far sources have been read."""

    def watermarks(self) -> Mapping[str, float]:
        """Source -> Unix seconds of business time; 0 while a partition of it has not told yet."""


@runtime_checkable
class KnowsCauses(Protocol):
    """A step that finds what many customers suffer from."""

    def standing(self) -> Sequence[Standing]:
        """The causes that are open."""


StepFactory = Callable[[str, int], Step]
"""Makes the step of an input topic and partition."""


class Role(msgspec.Struct, frozen=True):
    """A Faust role: its name, its input topics (ours with as many partitions as the journal), its step, its outputs."""

    name: str
    inputs: tuple[str, ...]
    step: StepFactory
    outputs: tuple[str, ...] = ()
    foreign: dict[str, int] = {}
    """Inputs that are somebody else's topics, and their partitions."""
    single: frozenset[str] = frozenset()
    """Inputs of ours that have one partition, whatever the journal has."""

    @property
    def group(self) -> str:
        """The consumer group, which only shares out the partitions and shows the lag."""
        return f"beforehand-{self.name}"

    def state_topic(self, topic: str) -> str:
        """Where the state of this role over `topic` lies, partition by partition."""
        return state_topic(self.name, topic)

    def transactional_id(self, topic: str, partition: int) -> str:
        """The one writer of this partition's transactions; whoever takes it over shuts out the former."""
        return f"{self.group}-{topic}-{partition}"
