"""Recorded journal partitions read again with learning done anew: their models are left out, and others learned.

Partitions are read side by side by the time of their ticks, a beat at a time; what was learned of a beat is in force
for the next one, as it would be live. Context stays as it was recorded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from desk.journal_file import Record
from detectors.detector import Detector
from detectors.learning.partition import LearnPartition, lessons_of
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.catalogue import decode
from models.events.model_updated import ModelUpdated
from models.events.tick import Tick

BEAT_S = 3600.0

Part = tuple[int, int, list[tuple[int, Event]]]
"""Number of the beat, partition, its records with their offsets."""


def relearned(
    journals: Mapping[int, Iterable[Record]],
    detectors: Sequence[Detector[Any, Any]],
    *,
    beat_s: float = BEAT_S,
    keep_signals: bool = False,
) -> Iterator[Outputs]:
    """Everything that detection says, partition by partition in each beat. Issues keep their recorded places.

    Raises `msgspec.DecodeError` for bytes of no event.
    """
    pipelines = {number: Pipeline(detectors, number, keep_signals=keep_signals) for number in journals}
    read = dict.fromkeys(journals, 0)
    learning, learned = LearnPartition(lessons_of(detectors)), 0
    parts = merge(*[_parts(number, records, beat_s) for number, records in journals.items()], key=itemgetter(0, 1))
    for _, together in groupby(parts, key=itemgetter(0)):
        for _, number, records in together:
            for offset, event in records:
                pipelines[number].apply(event, offset)
                read[number] = offset
        for pipeline in pipelines.values():
            outputs = pipeline.drain()
            for example in outputs.examples:
                learning.apply(example, learned)
                learned += 1
            yield outputs
        for update in learning.updates():
            for number, pipeline in pipelines.items():
                pipeline.apply(update, read[number])


def _parts(number: int, records: Iterable[Record], beat_s: float) -> Iterator[Part]:
    """A partition in beats, by the newest tick read so far."""
    beat, waiting = 0, list[tuple[int, Event]]()
    for offset, raw in records:
        event = decode(raw)
        if isinstance(event, Tick) and (reached := int(event.time.timestamp() // beat_s)) > beat:
            yield beat, number, waiting
            beat, waiting = reached, []
        if not isinstance(event, ModelUpdated):
            waiting.append((offset, event))
    yield beat, number, waiting
