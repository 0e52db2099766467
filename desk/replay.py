"""A recorded journal partition, read again: the same issues as live, whatever the batches and whoever restarted.

Batching and restarts must not change an outcome. `batch` is how many records are read between two drains;
`restart_every` ends the pipeline after so many records and goes on with a new one that knows only the encoded states,
as a worker does that takes over.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from desk.journal_file import Record
from detectors.catalogue import all_detectors, watchers
from detectors.detector import Detector
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.catalogue import decode
from models.issues import Issue
from models.unread import journal_reader

_BATCH = 4096
_NEAR = 128
"""So many events are decoded at once: more leave the processor's cache before they are worked on."""


def replay(
    records: Iterable[Record],
    partition: int,
    *,
    batch: int = _BATCH,
    restart_every: int | None = None,
    detectors: Sequence[Detector[Any, Any]] | None = None,
) -> list[Issue]:
    """The issues of one journal partition, in order. `records` are (offset, canonical bytes), offsets rising.

    With `restart_every=1` every record is read by a pipeline made from states; the cost grows with their number.
    Raises `msgspec.DecodeError` for bytes that are no event, ValueError for a batch below 1.
    """
    if batch < 1 or (restart_every is not None and restart_every < 1):
        raise ValueError("replay: batch and restart_every are counts of records, 1 or more")
    chosen = [*(all_detectors() if detectors is None else detectors), *watchers()]
    return [issue for outputs in _runs(iter(records), partition, batch, restart_every, chosen) for issue in outputs]


def played(
    records: Iterable[Record], partition: int, detectors: Sequence[Detector[Any, Any]], *, keep_signals: bool = False
) -> Iterator[Outputs]:
    """Everything that detection says of one journal partition. Raises `msgspec.DecodeError` for bytes of no event."""
    pipeline, waiting = Pipeline([*detectors, *watchers()], partition, keep_signals=keep_signals), iter(records)
    while _play(pipeline, islice(waiting, _BATCH)):
        yield pipeline.drain()


def _play(pipeline: Pipeline, records: Iterator[Record]) -> bool:
    """Apply all of them; whether there were any."""
    any_ = False
    while part := list(islice(records, _NEAR)):
        any_ = True
        for (offset, _), event in zip(part, journal_reader().decode_many([raw for _, raw in part]), strict=True):
            pipeline.apply(event, offset)
    return any_


def _runs(
    records: Iterator[Record],
    partition: int,
    batch: int,
    restart_every: int | None,
    chosen: Sequence[Detector[Any, Any]],
) -> Iterator[list[Issue]]:
    states: dict[bytes, bytes] = {}
    while part := list(islice(records, restart_every)):
        pipeline = Pipeline(chosen, partition)
        for key, value in states.items():
            pipeline.load(key, value)
        for start in range(0, len(part), batch):
            for offset, raw in part[start : start + batch]:
                pipeline.apply(decode(raw), offset)
            outputs = pipeline.drain()
            _keep(outputs, states)
            yield outputs.issues


def _keep(outputs: Outputs, states: dict[bytes, bytes]) -> None:
    for key, value in outputs.states:
        if value is None:
            states.pop(key, None)
        else:
            states[key] = value
