"""Source topics in, journal out: what is valid in canonical bytes, what is not to the dead letters, and ticks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from models.events.base import Event
from models.events.feed_progressed import FeedProgressed
from models.events.tick import TickData
from models.intake import Rejected
from streams.admitting import admitted, taken_in
from streams.clock import BusinessClock, elapsed
from streams.dead_letters import dead_letter
from streams.identities import link_of, linked
from streams.lanes import lanes
from streams.mapped import MappedStep
from streams.mappings import mappings_of
from streams.settings import Settings
from streams.step import Output, Progress, Record, Role, Step, Writes
from streams.ticks import CAUGHT_UP_KEY, Ticker
from streams.topics import DEAD_LETTERS, IDENTITIES, JOURNAL, OBSERVATIONS, SOURCES
from streams.watermarks import FeedWatermark, WallWatermark


def ingest(settings: Settings) -> Role:
    """The role: one step per partition of every source topic, ours and mapped. Raises `MappingWrong`."""
    clock = BusinessClock(settings.clock_file)
    mappings = mappings_of(settings)
    links = any(one.identifies for one in mappings.values())
    placed = lanes(settings.partitions, mappings.values())

    def ticker(topic: str, partition: int) -> Ticker:
        wall = WallWatermark(timedelta(seconds=settings.settle_s)) if settings.watermark == "wall" else None
        mapping = mappings.get(topic)
        if mapping is not None and mapping.identifies:  # its time must not overtake what is still being identified
            data = [own_tick(topic, partition, mapping.file.partitions or settings.partitions)]
            to = IDENTITIES
        else:
            data, to = [lane.tick(partition) for lane in placed.get(topic, ())], JOURNAL
        return Ticker(data, (to, settings.partitions), wall or FeedWatermark(), clock.now, elapsed, settings.beat_s)

    def step(topic: str, partition: int) -> Step:
        place, ticks = (topic, partition), ticker(topic, partition)
        if topic in mappings:
            return MappedStep(place, settings.partitions, mappings[topic], ticks, clock.now)
        return IngestStep(place, settings.partitions, ticks, clock.now, links=links)

    outputs = (JOURNAL, OBSERVATIONS, DEAD_LETTERS, *((IDENTITIES,) if mappings else ()))
    foreign = {topic: one.file.partitions or settings.partitions for topic, one in mappings.items()}
    return Role("ingest", (*SOURCES, *mappings), step, outputs, foreign)


def own_tick(topic: str, partition: int, partitions: int) -> TickData:
    """How far a partition of somebody else's topic has been read."""
    return TickData(source_topic=topic, source_partition=partition, source_partitions=partitions)


class IngestStep:
    """One partition of a source of ours. The only state: how far its ticks have told, so that none ever goes back.

    `now` is the business time. With `links` it also says whose the orders are, for events that name no customer.
    """

    def __init__(
        self,
        place: tuple[str, int],
        partitions: int,
        ticker: Ticker,
        now: Callable[[], datetime],
        *,
        links: bool = False,
    ) -> None:
        self._place = place
        self._partitions = partitions
        self._ticker = ticker
        self._now = now
        self._links = links
        self._outputs: list[Output] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Take back how far was told."""
        if key == CAUGHT_UP_KEY:
            self._ticker.load(value)

    def apply(self, records: Sequence[Record]) -> None:
        """Sort the records: journal, observations, dead letters, or the watermark only."""
        now = self._now()
        word = False
        for record in records:
            event = taken_in(record.value, now)
            if isinstance(event, Rejected):
                self._outputs.append(dead_letter(record, self._place, "ingest", event.reason, event.detail))
            elif type(event) is FeedProgressed:
                self._ticker.watermark.vouched(event.time)
                word = True
            else:
                if word:  # what was vouched for ends here
                    self._outputs += self._ticker.vouch()
                    word = False
                self._outputs.append(self._admit(event))
        if word:
            self._outputs += self._ticker.vouch()

    def drain(self, progress: Progress, /) -> Writes:
        """Everything admitted, and last the tick when it is time for one."""
        self._outputs += self._ticker.due(progress)
        outputs, self._outputs = self._outputs, []
        return Writes(outputs, self._ticker.states())

    def _admit(self, event: Event) -> Output:
        self._ticker.watermark.read(event.time)
        if self._links and (link := link_of(event)) is not None:
            self._outputs.append(linked(link, self._partitions))
        return admitted(event, self._partitions)
