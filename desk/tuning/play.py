"""One history, played to one detector again and again under other parameters."""

from collections.abc import Sequence
from typing import Any

from desk.matching import Said
from desk.offline import House
from desk.sources.feed import Sent, feed
from desk.sources.history import History
from desk.sources.source import Truth
from desk.tuning.costs import opened
from detectors.detector import Detector, Params
from models.errors import OperatorError
from models.events.base import Event
from models.events.entity_measured import EntityMeasured


class NothingToTuneBy(OperatorError):
    """A source knows no truth for a detector. Operator action: the message names those that it has."""


class Play:
    """The events that the detector listens to, in memory, and what was true of them.

    Raises NothingToTuneBy when the source has no truth for it.
    """

    def __init__(self, history: History, detector: Detector[Any, Any], partitions: int = 1) -> None:
        self.detector = detector
        self.truths: Sequence[Truth] = [one for one in history.truth() if one.detector == detector.name]
        if not any(one.trouble for one in self.truths):
            there = sorted({one.detector for one in history.truth() if one.trouble})
            raise NothingToTuneBy(
                f"{history.name} has no trouble of the kind {detector.name} from {history.since:%F} until "
                f"{history.until:%F}: it has {', '.join(there) or 'none'}; choose another source, detector or window"
            )
        self.since, self.until = history.since, history.until
        wanted: tuple[type[Event], ...] = (*detector.listens_to, EntityMeasured)
        events = (event for event in history.events() if isinstance(event, wanted))
        self._sent: list[Sent] = list(feed(events, partitions, history.beat, detector.clock, history.tail))
        self._partitions = partitions

    def said(self, params: Params) -> list[Said]:
        """Every message that the detector would have caused under these parameters."""
        issues = []
        with House(self._partitions, detectors=[self.detector.with_params(params)]) as house:
            for outputs in house.run(self._sent):
                issues += outputs.issues
        return opened(issues)
