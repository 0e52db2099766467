"""Source topics in, journal out: what is valid in canonical bytes, what is not to the dead letters, and ticks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from models.dead_letters import Reason
from models.events.address_changed import AddressChanged
from models.events.base import Event
from models.events.catalogue import encode
from models.events.entity_measured import EntityMeasured
from models.events.feed_progressed import FeedProgressed
from models.events.tick import Tick, TickData
from models.intake import Rejected, parse
from models.partitions import partition_of
from streams.clock import BusinessClock, elapsed
from streams.dead_letters import dead_letter
from streams.settings import Settings
from streams.step import Output, Progress, Record, Role, State, Writes
from streams.topics import DEAD_LETTERS, JOURNAL, OBSERVATIONS, SOURCES
from streams.watermarks import FeedWatermark, WallWatermark, Watermark

CAUGHT_UP_KEY = b"\x00caught_up"


def ingest(settings: Settings) -> Role:
    """The role: one step per partition of every source topic."""
    clock = BusinessClock(settings.clock_file)

    def step(topic: str, partition: int) -> IngestStep:
        watermark = WallWatermark(timedelta(seconds=settings.settle_s)) if settings.watermark == "wall" else None
        return IngestStep(
            (topic, partition), settings.partitions, watermark or FeedWatermark(), clock.now, elapsed, settings.beat_s
        )

    return Role("ingest", SOURCES, step, outputs=(JOURNAL, OBSERVATIONS, DEAD_LETTERS))


class IngestStep:
    """One partition of a source. The only state: how far its ticks have told, so that none ever goes back.

    `now` is the business time, `elapsed` real seconds: ticks are `beat_s` apart, unless the producer's own word makes
    one, which then stands in the journal where the word stood in the source.
    """

    def __init__(
        self,
        place: tuple[str, int],
        partitions: int,
        watermark: Watermark,
        now: Callable[[], datetime],
        elapsed: Callable[[], float],
        beat_s: float,
    ) -> None:
        self._place = place
        self._partitions = partitions
        self._watermark = watermark
        self._now = now
        self._elapsed = elapsed
        self._beat_s = beat_s
        self._ticked_at = float("-inf")
        self._told: datetime | None = None
        self._stored: datetime | None = None
        self._outputs: list[Output] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Take back how far was told."""
        if key == CAUGHT_UP_KEY:
            self._told = self._stored = msgspec.json.decode(value, type=datetime)

    def apply(self, records: Sequence[Record]) -> None:
        """Sort the records: journal, observations, dead letters, or the watermark only."""
        now = self._now()
        word = False
        for record in records:
            event = admitted(record.value, now)
            if isinstance(event, Rejected):
                self._outputs.append(dead_letter(record, self._place, "ingest", event.reason, event.detail))
            elif type(event) is FeedProgressed:
                self._watermark.vouched(event.time)
                word = True
            else:
                if word:  # what was vouched for ends here
                    self._vouch(now)
                    word = False
                self._outputs.append(self._admit(event))
        if word:
            self._vouch(now)

    def drain(self, progress: Progress, /) -> Writes:
        """Everything admitted, and last the tick when it is time for one."""
        if self._elapsed() - self._ticked_at >= self._beat_s:
            self._tick(self._now(), progress.at_end_as_of)
        outputs, self._outputs = self._outputs, []
        states: list[State] = []
        if self._told is not None and self._told != self._stored:
            states.append((CAUGHT_UP_KEY, msgspec.json.encode(self._told)))
            self._stored = self._told
        return Writes(outputs, states)

    def _admit(self, event: Event) -> Output:
        self._watermark.read(event.time)
        topic = OBSERVATIONS if type(event) is EntityMeasured else JOURNAL
        subject = event.subject
        return topic, partition_of(subject, self._partitions), subject.encode(), encode(event), ()

    def _vouch(self, now: datetime) -> None:
        if isinstance(self._watermark, FeedWatermark):
            self._tick(now, None)

    def _tick(self, now: datetime, at_end_as_of: datetime | None) -> None:
        instant = self._watermark.instant(now, at_end_as_of)
        if instant is None or (self._told is not None and instant <= self._told):
            return
        self._told, self._ticked_at = instant, self._elapsed()
        topic, partition = self._place
        data = TickData(source_topic=topic, source_partition=partition, source_partitions=self._partitions)
        tick = encode(Tick(id="tick", source="ingest", subject="tick", time=instant, data=data))
        self._outputs += [(JOURNAL, number, b"tick", tick, ()) for number in range(self._partitions)]


def admitted(raw: bytes | None, now: datetime) -> Event | Rejected:
    """The event of a source's record, or why it is set aside. `now` is the business time."""
    event = parse(raw, now)
    if isinstance(event, Rejected):
        return event
    if event.internal:
        return Rejected(Reason.NOT_ALLOWED, "type: only this service writes it")
    if type(event) is AddressChanged:
        return Rejected(Reason.NOT_ALLOWED, "type: contact data goes to addresses.v1 only")
    if event.subject.startswith("\x00"):
        return Rejected(Reason.INVALID, "subject: begins with a NUL, as only our own keys do")
    return event
