"""The whole house without Kafka: source, journal, detection, context, learning, in one process, several partitions.

Events take the same way as live: a customer's to the journal partition that holds the customer, an entity's to the
context partition that holds the entity; ticks, context updates and models to every journal partition. At each beat of
the feed every source partition says how far it is; then what was observed since the last beat reaches context, what was
frozen and labelled reaches learning, partition by partition, and what both have to say is appended to the journal. So a
reading never knows more than a live one with a beat's delay would.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from desk.journal_file import JournalWriter
from desk.sources.feed import Sent
from detectors.catalogue import all_detectors, watchers
from detectors.context.partition import ContextPartition
from detectors.detector import Detector
from detectors.learning.partition import Example, LearnPartition, lessons_of
from detectors.outputs import Outputs
from detectors.peers import Peers
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.case_observed import CaseObserved
from models.events.catalogue import encode
from models.events.entity_measured import EntityMeasured
from models.events.entity_observed import EntityObserved
from models.events.feed_progressed import FeedProgressed
from models.events.tick import Tick, TickData
from models.partitions import partition_of


class JournalPartition:
    """One journal partition with its pipeline, and its recording when one is wanted."""

    def __init__(self, pipeline: Pipeline, writer: JournalWriter | None) -> None:
        self.pipeline = pipeline
        self._writer = writer
        self._next = 0

    def append(self, event: Event) -> None:
        """Give the event the next offset and let detection read it."""
        if self._writer is not None:
            self._writer.append(self._next, encode(event))
        self.pipeline.apply(event, self._next)
        self._next += 1

    def close(self) -> None:
        """Finish the recording."""
        if self._writer is not None:
            self._writer.close()


class Shared:
    """The context partitions with their own sequence of observations."""

    def __init__(self, partitions: int) -> None:
        self._partitions = [ContextPartition(number) for number in range(partitions)]
        self._next = [0] * partitions

    def apply(self, event: EntityObserved | EntityMeasured | CaseObserved) -> None:
        """Hand it to the partition that holds the entity."""
        number = partition_of(event.subject, len(self._partitions))
        self._partitions[number].apply(event, self._next[number])
        self._next[number] += 1

    def updates(self) -> Iterator[Event]:
        """What is new since the last call, partition by partition."""
        for partition in self._partitions:
            outputs = partition.drain()
            yield from (*outputs.updates, *outputs.causes)


class Taught:
    """All lessons with the one sequence of examples; fits are done at once."""

    def __init__(self, detectors: Sequence[Detector[Any, Any]]) -> None:
        self._learning = LearnPartition(lessons_of(detectors))
        self._next = 0

    def apply(self, examples: Sequence[Example]) -> None:
        """Hand over what was frozen and labelled, in its order."""
        for example in examples:
            self._learning.apply(example, self._next)
            self._next += 1

    def updates(self) -> Iterator[Event]:
        """The models that are new since the last call."""
        yield from self._learning.updates()


class House:
    """Detection and context with `partitions` partitions each. Close it, or use it as a context manager, to record.

    `detectors` are all shipped ones when None. `record_to` is a folder for the recording: one file per partition.
    `peers` is how the new is judged: other than `shrunk` only to see what that is worth.
    """

    def __init__(
        self,
        partitions: int = 4,
        *,
        detectors: Sequence[Detector[Any, Any]] | None = None,
        keep_signals: bool = False,
        record_to: Path | None = None,
        peers: Peers = "shrunk",
    ) -> None:
        chosen = [*(all_detectors() if detectors is None else detectors), *watchers()]
        self._journal = [
            JournalPartition(
                Pipeline(chosen, number, keep_signals=keep_signals, peers=peers),
                None if record_to is None else JournalWriter(record_to, number),
            )
            for number in range(partitions)
        ]
        self._shared = Shared(partitions)
        self._taught = Taught(chosen)

    def run(self, sent: Iterable[Sent]) -> Iterator[Outputs]:
        """Read a feed to its end; yields what detection says, partition by partition, at each beat and at the end."""
        partitions, progressed = len(self._journal), False
        for topic, number, event in sent:
            if isinstance(event, FeedProgressed):
                data = TickData(source_topic=topic, source_partition=number, source_partitions=partitions)
                self._append_to_all(Tick(id="tick", source="ingest", subject="tick", time=event.time, data=data))
                progressed = True
                continue
            if progressed:
                yield from self._turn()
                progressed = False
            if isinstance(event, EntityMeasured):
                self._shared.apply(event)
            else:
                self._journal[partition_of(event.subject, partitions)].append(event)
        yield from self._turn()

    def close(self) -> None:
        """Finish the recording."""
        for partition in self._journal:
            partition.close()

    def _turn(self) -> Iterator[Outputs]:
        for partition in self._journal:
            outputs = partition.pipeline.drain()
            for observation in outputs.observations:
                self._shared.apply(observation)
            self._taught.apply(outputs.examples)
            for case in outputs.cases:
                self._shared.apply(case)
            yield outputs
        for update in (*self._shared.updates(), *self._taught.updates()):
            self._append_to_all(update)

    def _append_to_all(self, event: Event) -> None:
        for partition in self._journal:
            partition.append(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
