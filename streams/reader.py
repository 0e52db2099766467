"""Reads topics without a consumer group: where it stands lies in the ledger, beside what was made of what it read."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from ledger import positions
from ledger.database import Ledger
from ledger.positions import Place
from models.errors import OperatorError
from streams.clock import elapsed, real_now
from streams.connection import client_options
from streams.metrics.counting import PartitionCounts
from streams.patience import GiveUp, Patience, Stopped, pause_or_stop
from streams.polls import poll_of
from streams.probes.look import LEDGER_AWAY, SILENT_S, Look, PlaceLook, place_look
from streams.probes.vitals import VITALS
from streams.settings import Settings
from streams.step import Record
from streams.watermarks import Poll

REMEMBER, DECIDE = "remember", "decide"
"""The readers, as the ledger names them."""

FETCH_BYTES = 4 << 20
RECORDS = 10_000
"""Per fetch: one transaction's worth."""
PROBE_AFTER_S, PROBE_S = 3.0, 5.0


class InputGone(OperatorError):
    """Records were deleted before this reader stored them. Operator action: restore the topic or the ledger."""


class TopicWrong(OperatorError):
    """A topic is missing, or has another number of partitions. Operator action: `beforehand topics apply`."""


class Fetched(msgspec.Struct, frozen=True):
    """The next records of one place, in order; `expected` is where it stood, `following` where it stands after them."""

    place: Place
    records: Sequence[Record]
    expected: int
    following: int


class Reader:
    """One reader over all partitions of `topics`; only committed records. `reader` is its name in the ledger.

    One process per reader and ledger: of two the later one to write fails with `PositionMoved`.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        reader: str,
        topics: Iterable[str],
        patience: Patience,
        stop: asyncio.Event,
    ) -> None:
        self._settings, self._ledger, self._reader = settings, ledger, reader
        self._patience, self._stop = patience, stop
        self._places = [TopicPartition(topic, p) for topic in topics for p in range(settings.partitions)]
        self._at: dict[Place, int] = {}
        self._stored: dict[Place, tuple[int, float]] = {}
        self._counts: dict[str, PartitionCounts] = {}
        self._heard_at = elapsed()
        self._consumer: Any = None
        self.held: Collection[Place] = ()
        """Where the next record waits for another role."""
        VITALS.watch(reader, self)

    async def open(self) -> None:
        """Connect and go to where the ledger says.

        Raises `GiveUp` when Kafka stays away, `Stopped`, `TopicWrong`, or `InputGone`.
        """
        self._consumer = AIOKafkaConsumer(
            **client_options(self._settings),
            group_id=None,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=FETCH_BYTES,
            max_poll_records=RECORDS,
            fetch_max_wait_ms=100,
            request_timeout_ms=10_000,
        )
        await self._insist(self._consumer.start)
        self._consumer.assign(self._places)
        await self._insist(self._check_topics)
        beginnings: dict[Any, int] = await self._insist(lambda: self._consumer.beginning_offsets(self._places))
        starts = {(place.topic, place.partition): offset for place, offset in beginnings.items()}
        stored = await self._patience(lambda: self._begin(starts))
        ends: dict[Any, int] = await self._insist(lambda: self._consumer.end_offsets(self._places))
        for (topic, partition), beginning in starts.items():
            at, end = stored[topic, partition], ends[TopicPartition(topic, partition)]
            if at > end:
                raise InputGone(
                    f"{topic}/{partition} ends at {end} and {self._reader} has read up to {at}: this is not the Kafka "
                    "that the ledger was written from; use both of one service, or start from an empty ledger"
                )
            if at < beginning:
                raise InputGone(
                    f"{topic}/{partition}: offsets {at} to {beginning - 1} are deleted and {self._reader} never stored "
                    "them: restore the topic, or start from an empty ledger"
                )
            self._at[topic, partition] = at
            self._stored[topic, partition] = at, elapsed()
            self._consumer.seek(TopicPartition(topic, partition), at)
        self._heard_at = elapsed()

    def stored(self, places: Mapping[Place, int], records: Mapping[str, int], seconds: float) -> None:
        """A transaction is through: where each place stands now, and how many records of each topic it held."""
        now = elapsed()
        self._stored |= {place: (following, now) for place, following in places.items()}
        for topic, amount in records.items():
            counts = self._counts.setdefault(topic, PartitionCounts(self._reader, topic))
            counts.committed(amount, seconds, (), ())

    def look(self) -> Look:
        """Where it stands; nothing counts as a stall while Kafka, the ledger or another role is waited for."""
        opened = len(self._stored) == len(self._places)
        polls = {(one.topic, one.partition): poll_of(self._consumer, one) for one in self._places} if opened else {}
        answered_at = max((poll.answered_at for poll in polls.values() if poll is not None), default=0.0)
        silent = opened and real_now().timestamp() - answered_at > SILENT_S
        away = "ledger" if self._patience.away else "Kafka" if silent else ""
        not_ready = ["not at its place in Kafka yet"] if not opened else ["Kafka does not answer"] if silent else []
        return Look(
            places=[self._place(place, poll) for place, poll in polls.items()],
            away=away,
            not_ready=[*not_ready, *([LEDGER_AWAY] if self._patience.away else [])],
            kafka_answered_at=answered_at,
        )

    def _place(self, place: Place, poll: Poll | None) -> PlaceLook:
        committed, committed_at = self._stored[place]
        stands = (self._at[place], committed)
        return place_look(place, poll, self._at[place], stands, committed_at, held=place in self.held)

    async def close(self) -> None:
        """Disconnect, whatever state the connection is in: what aiokafka says about it then does not matter."""
        if self._consumer is not None:
            stopping = asyncio.ensure_future(self._consumer.stop())
            await asyncio.wait({stopping}, timeout=PROBE_S)
            if not stopping.done():
                stopping.cancel()
            elif not stopping.cancelled():
                stopping.exception()

    async def fetch(self, timeout_s: float, besides: Collection[Place] = ()) -> list[Fetched]:
        """What has come since, or nothing after `timeout_s`. Places in `besides` are left where they are.

        Raises `GiveUp` when no broker has answered for `give_up_s`, `InputGone`, `Stopped`.
        """
        wanted = [place for place in self._places if (place.topic, place.partition) not in besides]
        if not wanted:
            return []
        try:
            got = await self._consumer.getmany(*wanted, timeout_ms=int(timeout_s * 1000))
        except OffsetOutOfRangeError:
            raise InputGone(f"what {self._reader} reads next is gone from Kafka: restore topic or ledger") from None
        if got:
            self._heard_at = elapsed()
        elif elapsed() - self._heard_at > PROBE_AFTER_S:
            await self._insist(lambda: self._consumer.end_offsets(wanted[:1]))
            self._heard_at = elapsed()
        return [await self._fetched(place, records) for place, records in got.items()]

    async def _fetched(self, where: Any, records: Sequence[Record]) -> Fetched:
        """The position also steps over the markers of transactions: retention may delete up to there."""
        place = (where.topic, where.partition)
        following = max(records[-1].offset + 1, await self._consumer.position(where))
        fetched = Fetched(place, records, self._at[place], following)
        self._at[place] = following
        return fetched

    def _begin(self, starts: dict[Place, int]) -> dict[Place, int]:
        with self._ledger.write() as connection:
            return positions.begin(connection, self._reader, starts)

    async def _check_topics(self) -> None:
        await self._consumer._client.force_metadata_update()
        for topic in {place.topic for place in self._places}:
            found = len(self._consumer.partitions_for_topic(topic) or ())
            if found != self._settings.partitions:
                raise TopicWrong(
                    f"topic {topic} has {found} partitions, not {self._settings.partitions}: run `beforehand topics "
                    "apply`, or correct BEFOREHAND_PARTITIONS"
                )

    async def _insist(self, ask: Callable[[], Any]) -> Any:
        """Ask Kafka until it answers, at most for `give_up_s`."""
        since, pause = elapsed(), 0.1
        while True:
            try:
                async with asyncio.timeout(PROBE_S):
                    return await ask()
            except (KafkaError, OSError, TimeoutError) as error:
                if elapsed() - since + pause > self._settings.give_up_s:
                    raise GiveUp(
                        f"Kafka at {self._settings.kafka} does not answer ({type(error).__name__}, waited "
                        f"{self._settings.give_up_s:g} s): check that it is up, and BEFOREHAND_KAFKA"
                    ) from error
            await pause_or_stop(self._stop, pause)
            if self._stop.is_set():
                raise Stopped
            pause = min(pause * 2, 5.0)
