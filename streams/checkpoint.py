"""One input partition in one ownership: records in, and now and then one transaction out.

The memory of a step, its outputs and the next offset change together, without an await in between; a checkpoint takes
all of it at such a border and writes outputs, touched states and a marker in ONE transaction. Whatever goes wrong
in either ends the process, and the next owner goes on from the last marker.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from streams.clock import elapsed
from streams.ending import end_process, kind_of
from streams.metrics.counting import PartitionCounts
from streams.restore import Marker, encode_marker
from streams.sending import lanes_of, send_lanes
from streams.step import MARKER_KEY, Pauses, Progress, Record, Step, Writes
from streams.topics import DEAD_LETTERS

MAX_PENDING_RECORDS = 100_000
MAX_PENDING_BATCHES = 2_000


class Patience(msgspec.Struct, frozen=True):
    """`transaction_s`: how long one may take, less than the broker's own limit. `marker_s`: how old a marker may get.

    An idle partition writes markers too: a transactional id that is not used expires, and a broker that is away is
    noticed by nothing else.
    """

    transaction_s: float
    marker_s: float


class Delivery(Protocol):
    """What stands for a batch in the transport, until it is safe to count it as read."""

    def ack(self) -> bool:
        """It is in a committed transaction."""


class Partition:
    """The step of one input partition, with its state loaded, and its producer, started by `take_over`.

    `name` is `topic/partition`, for logs; `state` topic and partition of its state.
    """

    def __init__(
        self,
        name: str,
        state: tuple[str, int],
        step: Step,
        marker: Marker,
        producer: Any,
        patience: Patience,
        counts: PartitionCounts,
    ) -> None:
        self.name = name
        self.next = marker.next
        self.saved_at = elapsed()
        self.committed = marker.next
        """`next` as of the last transaction."""
        self.step = self._step = step
        self._state = state
        self._counts = counts
        self._producer = producer
        self._patience = patience
        self._records = marker.records
        self._outputs = marker.outputs
        self._pending: list[Delivery] = []
        self._pending_records = 0
        self._lock = asyncio.Lock()
        self._closed = False

    @property
    def crowded(self) -> bool:
        """Whether so much waits for a transaction that reading should wait too."""
        return self._pending_records > MAX_PENDING_RECORDS or len(self._pending) > MAX_PENDING_BATCHES

    @property
    def unsaved(self) -> int:
        """Records taken in since the last transaction."""
        return self._pending_records

    def take(self, records: Sequence[Record], delivery: Delivery) -> Sequence[Record]:
        """Give a batch to the step. Records from before `next` are left out: they are in the state already.

        What the step cannot take in yet comes back: give it again with the same delivery after `pause`.
        """
        if self._closed:
            return ()
        if records[0].offset < self.next:
            records = [record for record in records if record.offset >= self.next]
        began, left = elapsed(), records[:0]
        try:
            if records:
                self._step.apply(records)
                left = self._step.left() if isinstance(self._step, Pauses) else left
                self.next = left[0].offset if left else records[-1].offset + 1
                self._counts.batch(records[0].timestamp, elapsed() - began)
        except Exception as error:
            end_process("apply_failed", error, place=self.name, offset=records[0].offset)
        if not left:
            self._pending.append(delivery)
        self._pending_records += len(records) - len(left)
        return left

    async def pause(self) -> None:
        """Wait a moment for a step that left something."""
        if isinstance(self._step, Pauses):
            await self._step.pause()

    async def checkpoint(self, progress: Progress) -> None:
        """Write what there is in one transaction; nothing when there is nothing and the marker is fresh."""
        async with self._lock:
            if self._closed:
                return
            delivered, self._pending = self._pending, []
            records, self._pending_records = self._pending_records, 0
            self._records += records
            try:
                writes = self._step.drain(progress)
                stale = elapsed() - self.saved_at > self._patience.marker_s
                if delivered or writes.outputs or writes.states or stale:
                    await self._write(writes, records)
            except BaseException as error:  # a cancellation too: memory and log may differ from here on
                await self._give_up(error)
            for one in delivered:
                one.ack()

    async def _write(self, writes: Writes, records: int) -> None:
        began, following = elapsed(), self.next
        self._outputs += len(writes.outputs)
        lanes = lanes_of(writes.outputs)
        states = lanes.setdefault(self._state, [])
        states += [(key, value, ()) for key, value in writes.states]
        states.append((MARKER_KEY, encode_marker(Marker(following, self._records, self._outputs)), ()))
        async with asyncio.timeout(self._patience.transaction_s):
            await self._producer.begin_transaction()
            await send_lanes(self._producer, lanes)
            await self._producer.commit_transaction()
        self.saved_at, self.committed = elapsed(), following
        letters = [headers for place, lane in lanes.items() if place[0] == DEAD_LETTERS for _, _, headers in lane]
        self._counts.committed(records, self.saved_at - began, letters, writes.counts)

    async def _give_up(self, error: BaseException) -> None:
        try:
            async with asyncio.timeout(1):
                await self._producer.abort_transaction()
        except BaseException as second:  # aiokafka asserts when it was fenced; the abort is a courtesy only
            end_process("checkpoint_failed", error, place=self.name, abort=kind_of(second))
        end_process("checkpoint_failed", error, place=self.name)

    async def close(self) -> None:
        """Forget everything; what was not written will be read again by the next owner."""
        async with self._lock:  # a transaction under way is finished first
            self._closed = True
            await self._producer.stop()
