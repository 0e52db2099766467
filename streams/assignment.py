"""Which partitions this process owns: opened when they come, written before they go, checkpointed in between."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from faust.types import TP

from streams.checkpoint import Delivery, Partition, Patience
from streams.clock import BusinessClock, elapsed, real_now
from streams.ending import end_process
from streams.metrics.catalogue import RECOVERY_SECONDS
from streams.metrics.counting import PartitionCounts
from streams.metrics.registry import METRICS
from streams.probes.look import SILENT_S, Look, PlaceLook, place_look
from streams.restore import restore, take_over
from streams.settings import Settings
from streams.step import KnowsCauses, KnowsTime, Progress, Record, Role
from streams.watermarks import Poll, ReadToEnd, slowest

LOOK_S = 0.05
"""How often the clock of the checkpoints is looked at."""

BACKLOG_CHECKPOINT_S = 1.0
"""Far behind, nobody waits for one record more or less: rarer checkpoints write each touched state less often."""

OPEN_AT_ONCE = 8


class Group(Protocol):
    """What is asked of the consumer group's client."""

    def assignment(self) -> set[TP]:
        """The partitions that are ours now."""


class Assignment:
    """The open partitions of a role in this process. All methods run in one event loop."""

    def __init__(self, role: Role, settings: Settings) -> None:
        self._role = role
        self._settings = settings
        self._clock = BusinessClock(settings.clock_file)
        self._open: dict[TP, Partition] = {}
        self._ends: dict[TP, ReadToEnd] = {}
        self._polls: dict[TP, tuple[Poll, int]] = {}
        self._counts: dict[str, PartitionCounts] = {}
        self._behind: set[TP] = set()
        self._epoch = 0
        self._generation = -1
        self._frozen = True
        self._waiting_since: float | None = elapsed()
        self._frozen_since = elapsed()
        self._stopping = False
        self._loop: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("beforehand").bind(role=role.name)

    # -- what the transport asks and tells --------------------------------------------------------------------------

    def starts(self) -> Mapping[TP, int]:
        """The next offset of every open partition."""
        return {place: partition.next for place, partition in self._open.items()}

    def looked(self, place: TP, poll: Poll, delivered: int) -> None:
        """Note how far a partition goes."""
        self._polls[place] = (poll, delivered)
        if place in self._ends:
            self._ends[place].looked(poll, delivered)
        if poll.position < poll.end:
            self._behind.add(place)
        else:
            self._behind.discard(place)

    @property
    def waiting_s(self) -> float:
        """For how long the group has been owing us an assignment; 0 when it does not."""
        return 0.0 if self._waiting_since is None else elapsed() - self._waiting_since

    @property
    def empty(self) -> bool:
        """Whether no partition is ours, so that nothing would tell us of a broker that is away."""
        return not self._open

    def look(self) -> Look:
        """Where it stands. While partitions come or go, nothing counts as a stall."""
        answered_at = max((poll.answered_at for poll, _ in self._polls.values()), default=0.0)
        silent = bool(self._open) and real_now().timestamp() - answered_at > SILENT_S
        steps = [one.step for one in self._open.values()]
        not_ready = ["no partitions assigned yet, or their states not read back"] if self._frozen else []
        return Look(
            places=[self._place(place, one) for place, one in self._open.items()],
            away="partitions" if self._frozen else "Kafka" if silent else "",
            not_ready=[*not_ready, *(["Kafka does not answer"] if silent and not self._frozen else [])],
            kafka_answered_at=answered_at,
            waiting_s=elapsed() - self._frozen_since if self._frozen else 0.0,
            watermarks=slowest(step.watermarks() for step in steps if isinstance(step, KnowsTime)),
            causes=[cause for step in steps if isinstance(step, KnowsCauses) for cause in step.standing()],
        )

    def _place(self, place: TP, one: Partition) -> PlaceLook:
        poll, delivered = self._polls.get(place, (None, one.next))
        return place_look((place.topic, place.partition), poll, delivered, (one.next, one.committed), one.saved_at)

    # -- records ----------------------------------------------------------------------------------------------------

    async def take(self, place: TP, generation: int | None, records: Sequence[Record], delivery: Delivery) -> None:
        """A batch from the stream. One that is not ours any more is dropped: its owner reads it again."""
        left: Sequence[Record] = records
        while left:
            partition = self._open.get(place)
            if partition is None or self._frozen or self._stopping or generation != self._generation:
                return
            left = partition.take(left, delivery)
            if partition.crowded:
                await partition.checkpoint(self._progress(place))
            if left:
                await partition.pause()

    # -- ownership --------------------------------------------------------------------------------------------------

    async def rebalanced(self, assigned: set[TP], generation: int) -> None:
        """Open what came, before anything is read; keep what stayed, when no generation was missed."""
        self._epoch += 1
        epoch = self._epoch
        self._waiting_since = None
        unbroken = generation in (self._generation, self._generation + 1)
        for place in list(self._open):
            if place not in assigned or not unbroken:
                await self._open.pop(place).close()
        gate = asyncio.Semaphore(OPEN_AT_ONCE)
        fresh = sorted(place for place in assigned if place not in self._open)
        opened = await asyncio.gather(*[self._open_one(place, gate) for place in fresh])
        if epoch != self._epoch:  # the next rebalance came meanwhile
            for one in opened:
                await one.close()
            return
        self._open.update(zip(fresh, opened, strict=True))
        self._ends = {place: ReadToEnd() for place in self._open}
        self._behind.clear()
        self._polls.clear()
        self._generation, self._frozen = generation, False
        if self._loop is None:
            self._loop = asyncio.create_task(self._checkpoint_until_stopped())
        self._log.info("partitions_open", count=len(self._open), fresh=len(fresh), generation=generation)

    async def _open_one(self, place: TP, gate: asyncio.Semaphore) -> Partition:
        role, settings = self._role, self._settings
        name = f"{place.topic}/{place.partition}"
        try:
            async with gate:
                started = elapsed()
                producer = await take_over(role, place.topic, place.partition, settings)
                restored = await restore(role, place.topic, place.partition, settings)
                step = role.step(place.topic, place.partition)
                for key, value in restored.states.items():
                    step.load(key, value)
        except Exception as error:
            end_process("open_failed", error, role=role.name, place=name)
        taken, following = round(elapsed() - started, 3), restored.marker.next
        self._log.info("partition_open", place=name, states=len(restored.states), next=following, seconds=taken)
        state = (role.state_topic(place.topic), place.partition)
        patience = Patience(settings.transaction_timeout_s * 0.75, settings.give_up_s / 2)
        METRICS.observe(RECOVERY_SECONDS, elapsed() - started, role.name)
        counts = self._counts.setdefault(place.topic, PartitionCounts(role.name, place.topic))
        return Partition(name, state, step, restored.marker, producer, patience, counts)

    async def revoked(self) -> None:
        """Before the group lets go of us: take nothing more in, write everything."""
        self._epoch += 1
        self._waiting_since = elapsed()
        if not self._frozen:  # else they are written, and may be another's already
            self._frozen, self._frozen_since = True, elapsed()
            await self._checkpoint_all()
        self._log.info("revoked", count=len(self._open), unsaved=sum(one.unsaved for one in self._open.values()))

    async def close(self) -> None:
        """Write everything and let go: the process ends."""
        self._stopping = True
        if not self._frozen:
            await self._checkpoint_all()
        self._log.info("closed", count=len(self._open), unsaved=sum(one.unsaved for one in self._open.values()))
        while self._open:
            await self._open.popitem()[1].close()

    # -- checkpoints ------------------------------------------------------------------------------------------------

    async def _checkpoint_until_stopped(self) -> None:
        done: dict[TP, float] = {}
        try:
            while not self._stopping:
                await asyncio.sleep(LOOK_S)
                now = elapsed()
                due = [place for place in self._open if now - done.get(place, 0.0) >= self._interval(place)]
                if not self._frozen:  # frozen, they may be another's already: a transaction would be fenced
                    done.update((place, now) for place in due)
                    await asyncio.gather(*[self._checkpoint(place) for place in due])
        except Exception as error:
            end_process("checkpoints_failed", error, role=self._role.name)

    def _interval(self, place: TP) -> float:
        least = self._settings.checkpoint_s
        return max(least, BACKLOG_CHECKPOINT_S) if place in self._behind else least

    async def _checkpoint(self, place: TP) -> None:
        partition = self._open.get(place)
        if partition is not None:
            await partition.checkpoint(self._progress(place))

    async def _checkpoint_all(self) -> None:
        await asyncio.gather(*[self._checkpoint(place) for place in list(self._open)])

    def _progress(self, place: TP) -> Progress:
        as_of = self._ends[place].applied(self._open[place].next)
        return Progress(None if as_of is None else self._clock.at(as_of))
