"""Observations in, knowledge of what many customers share out, into every journal partition."""

from collections import Counter
from collections.abc import Sequence

from detectors.causes.cause import Standing
from detectors.context.partition import ContextPartition
from models.dead_letters import Reason
from models.events.case_observed import CaseObserved
from models.events.catalogue import encode, event_reader
from models.events.entity_measured import EntityMeasured
from models.events.entity_observed import EntityObserved
from streams.dead_letters import dead_letter
from streams.decoding import decoded, in_pieces, one_by_one
from streams.metrics.catalogue import CAUSES
from streams.settings import Settings
from streams.step import Output, Progress, Record, Role, Writes
from streams.topics import DEAD_LETTERS, JOURNAL, OBSERVATIONS


def context(settings: Settings) -> Role:
    """The role: one step per partition of the observations."""

    def step(_topic: str, partition: int) -> ContextStep:
        return ContextStep(partition, settings.partitions)

    return Role("context", (OBSERVATIONS,), step, outputs=(JOURNAL, DEAD_LETTERS))


class ContextStep:
    """One partition of the observations. Records that are neither seen nor measured are set aside."""

    def __init__(self, partition: int, partitions: int) -> None:
        self._context = ContextPartition(partition)
        self._place = (OBSERVATIONS, partition)
        self._partitions = partitions
        self._letters: list[Output] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Take an entity back."""
        self._context.load(key, value)

    def apply(self, records: Sequence[Record]) -> None:
        """Everything in its order."""
        for piece in in_pieces(records):
            self._take(piece)

    def _take(self, records: Sequence[Record]) -> None:
        kept, events = records, decoded(records, event_reader())
        if events is None:
            kept, events, bad = one_by_one(records, event_reader())
            for record, detail in bad:
                self._set_aside(record, detail)
        for record, event in zip(kept, events, strict=True):
            if isinstance(event, EntityObserved | EntityMeasured | CaseObserved):
                self._context.apply(event, record.offset)
            else:
                self._set_aside(record, "type: neither seen nor measured")

    def drain(self, _progress: Progress, /) -> Writes:
        """What is new, for every journal partition."""
        outputs = self._context.drain()
        written, self._letters = self._letters, []
        for update in (*outputs.updates, *outputs.causes):
            key, raw = update.subject.encode(), encode(update)
            written += [(JOURNAL, number, key, raw, ()) for number in range(self._partitions)]
        found = Counter((cause.data.family, cause.data.change) for cause in outputs.causes)
        return Writes(written, outputs.states, [(CAUSES, labels, count) for labels, count in found.items()])

    def standing(self) -> list[Standing]:
        """The causes that are open, for whoever looks on."""
        return self._context.board.standing()

    def _set_aside(self, record: Record, detail: str) -> None:
        self._letters.append(dead_letter(record, self._place, "context", Reason.BAD_JOURNAL_RECORD, detail))
