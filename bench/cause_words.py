"""Every word about a cause on a history, through journal and context with several partitions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from desk.offline import House
from desk.sources.feed import SOURCE_TOPICS, feed
from detectors.detector import Detector
from models.events.base import Event
from models.events.case_observed import CaseObserved
from models.events.cause_changed import CauseChanged

PARTITIONS = 4


class Listening(House):
    """Keeps what is appended to the journal about causes."""

    def __init__(self, detectors: Sequence[Detector[Any, Any]]) -> None:
        super().__init__(PARTITIONS, detectors=detectors)
        self.words: list[CauseChanged] = []

    def _append_to_all(self, event: Event) -> None:
        if isinstance(event, CauseChanged):
            self.words.append(event)
        super()._append_to_all(event)


def words(
    events: Iterable[Event],
    detectors: Sequence[Detector[Any, Any]],
    beat: timedelta,
    topics: Sequence[str] = SOURCE_TOPICS,
    tail: timedelta = timedelta(0),
    cases: list[CaseObserved] | None = None,
) -> list[CauseChanged]:
    """All of them, in the order of the journal. The cases that they were found in are added to `cases`."""
    with Listening(detectors) as house:
        for outputs in house.run(feed(events, PARTITIONS, beat, topics=topics, tail=tail)):
            if cases is not None:
                cases += outputs.cases
        return house.words


def runs(found: Iterable[CauseChanged]) -> Iterator[tuple[CauseChanged, list[CauseChanged]]]:
    """Cause by cause: the word that opened it, and all that followed."""
    by_id: dict[str, list[CauseChanged]] = {}
    for word in found:
        by_id.setdefault(word.subject, []).append(word)
    for said in by_id.values():
        yield said[0], said[1:]
