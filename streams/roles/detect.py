"""The journal in, issues and observations out: `detectors.pipeline` on every journal partition."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from detectors.catalogue import all_detectors, detector_types, watchers
from detectors.detector import Detector
from detectors.outputs import DetectorFailure, Outputs
from detectors.pipeline import Pipeline
from models.canary import is_canary
from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import encode
from models.issues import encode_issue
from models.partitions import partition_of
from models.unread import journal_reader
from streams.breaker import Breaker
from streams.dead_letters import dead_letter
from streams.decoding import decoded, in_pieces, one_by_one
from streams.metrics.catalogue import BAR, DETECTOR_FAILURES
from streams.metrics.catalogue import ISSUES as ISSUES_FOUND
from streams.metrics.metric import Count
from streams.metrics.registry import METRICS
from streams.settings import Settings, SettingsError
from streams.step import Headers, Output, Progress, Record, Role, Writes
from streams.topics import DEAD_LETTERS, EXAMPLES, ISSUES, JOURNAL, OBSERVATIONS


def detect(settings: Settings) -> Role:
    """The role, with all detectors. Raises `SettingsError` when their parameters do not hold."""
    try:
        parameters: Any = settings.parameters  # checked right here against each detector's own type
        all_detectors(parameters)
    except ValueError as error:
        raise SettingsError(f"BEFOREHAND_PARAMETERS: {error}") from error

    names = [one.name for one in detector_types()]
    METRICS.create(ISSUES_FOUND, detector=names)
    METRICS.create(DETECTOR_FAILURES, detector=names)

    def step(_topic: str, partition: int) -> DetectStep:
        return DetectStep(all_detectors(parameters), partition, settings.partitions)

    return Role("detect", (JOURNAL,), step, outputs=(ISSUES, OBSERVATIONS, EXAMPLES, DEAD_LETTERS))


class _Word(msgspec.Struct, frozen=True):
    """What is left of a record of a batch before, of which a word on an entity was first read now."""

    key: bytes
    value: bytes
    offset: int
    timestamp: int = 0
    headers: Headers = ()


class DetectStep:
    """One journal partition."""

    def __init__(self, detectors: Sequence[Detector[Any, Any]], partition: int, partitions: int) -> None:
        detectors = [*detectors, *watchers()]
        self._pipeline = Pipeline(detectors, partition)
        self._listeners = {detector.name: tuple(detector.listens_to) for detector in detectors}
        self._place = (JOURNAL, partition)
        self._partitions = partitions
        self._breaker = Breaker()
        self._seen: Counter[type[Event]] = Counter()
        self._batches: list[Sequence[Record]] = []
        self._letters: list[Output] = []
        self._bars: dict[str, tuple[float, float]] = {}

    def load(self, key: bytes, value: bytes) -> None:
        """Hand a state to the pipeline, which decodes it when it is needed."""
        self._pipeline.load(key, value)

    def apply(self, records: Sequence[Record]) -> None:
        """Everything in its order. A record that is no event of the journal is set aside."""
        for piece in in_pieces(records):
            self._take(piece)

    def _take(self, records: Sequence[Record]) -> None:
        pipeline, kept = self._pipeline, records
        events: Sequence[Event] | None = decoded(records, journal_reader())
        if events is None:
            kept, events, bad = one_by_one(records, journal_reader())
            self._letters += [
                dead_letter(record, self._place, "detect", Reason.BAD_JOURNAL_RECORD, detail) for record, detail in bad
            ]
        for record, event in zip(kept, events, strict=True):
            pipeline.apply(event, record.offset)
        self._seen.update(map(type, events))
        self._batches.append(kept)

    def drain(self, _progress: Progress, /) -> Writes:
        """What the pipeline found. Raises `DetectorBroken` when a detector fails again and again."""
        outputs = self._pipeline.drain()
        self._count(outputs.failures)
        written, self._letters = self._letters, []
        issues, partition = ISSUES, self._place[1]
        for issue in outputs.issues:
            written.append((issues, partition, issue.customer_id.encode(), encode_issue(issue), ()))
        observed = (*outputs.observations, *outputs.cases)
        entities = {seen.subject for seen in observed}
        places = {entity: (partition_of(entity, self._partitions), entity.encode()) for entity in entities}
        written += [(OBSERVATIONS, *places[seen.subject], encode(seen), ()) for seen in observed]
        written += [(EXAMPLES, 0, one.subject.encode(), encode(one), ()) for one in outputs.examples]
        written += self._letters_for(outputs)
        self._batches = []
        if (bars := self._pipeline.bars()) != self._bars:
            self._bars = bars
            for name, (_, bar) in bars.items():
                METRICS.put(BAR, bar, name)
        found = Counter((issue.detector, issue.change) for issue in outputs.issues if not is_canary(issue.customer_id))
        counts: list[Count] = [(ISSUES_FOUND, labels, count) for labels, count in found.items()]
        failed = Counter(failure.detector for failure in outputs.failures)
        counts += [(DETECTOR_FAILURES, (detector,), count) for detector, count in failed.items()]
        return Writes(written, outputs.states, counts)

    def watermarks(self) -> dict[str, float]:
        """How far each source has been read."""
        return self._pipeline.watermarks()

    def _letters_for(self, outputs: Outputs) -> list[Output]:
        why = [(one.offset, Reason.DETECTOR_ERROR, f"{one.detector}: {one.error_class}") for one in outputs.failures]
        why += [(one.offset, one.reason, f"{one.name}: {one.why}") for one in outputs.refused]
        if not why:
            return []
        records: dict[int, Record] = {record.offset: record for batch in self._batches for record in batch}
        for one in outputs.refused:
            if one.said is not None and one.offset not in records:
                records[one.offset] = _Word(one.name.encode(), one.said, one.offset)
        return [dead_letter(records[at], self._place, "detect", reason, detail) for at, reason, detail in why]

    def _count(self, failures: Sequence[DetectorFailure]) -> None:
        if not self._seen and not failures:
            return
        readings = {name: sum(self._seen[kind] for kind in kinds) for name, kinds in self._listeners.items()}
        self._breaker.count(readings, Counter(failure.detector for failure in failures))
        self._seen.clear()
