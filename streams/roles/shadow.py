"""The journal in, challengers' issues out: to a topic that nothing reads which could tell anybody."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from detectors.challengers import Challengers
from models.dead_letters import Reason
from models.events.challenger_changed import ChallengerChanged
from models.issues import encode_issue
from models.unread import journal_reader
from streams.dead_letters import dead_letter
from streams.decoding import decoded, in_pieces, one_by_one
from streams.metrics.catalogue import SHADOW_ISSUES as FOUND
from streams.metrics.registry import METRICS
from streams.settings import Settings
from streams.step import Output, Progress, Record, Role, Writes
from streams.topics import DEAD_LETTERS, JOURNAL, SHADOW_ISSUES

CHALLENGER = "challenger"
"""The header that says whose issue it is."""


def shadow(_settings: Settings) -> Role:
    """The role. Which challengers run is said in the journal."""
    METRICS.create(FOUND)
    return Role("shadow", (JOURNAL,), ShadowStep, outputs=(SHADOW_ISSUES, DEAD_LETTERS))


class ShadowStep:
    """One journal partition."""

    def __init__(self, _topic: str, partition: int) -> None:
        self._challengers = Challengers(partition)
        self._place = (JOURNAL, partition)
        self._letters: list[Output] = []
        self._read: dict[int, Record] = {}

    def load(self, key: bytes, value: bytes) -> None:
        """Take a state back."""
        self._challengers.load(key, value)

    def apply(self, records: Sequence[Record]) -> None:
        """Everything in its order. What is no event of the journal, detect sets aside; here it is passed over."""
        for piece in in_pieces(records):
            kept, events = piece, decoded(piece, journal_reader())
            if events is None:
                kept, events, _ = one_by_one(piece, journal_reader())
            for record, event in zip(kept, events, strict=True):
                try:
                    self._challengers.apply(event, record.offset)
                except (ValueError, msgspec.ValidationError) as error:
                    if not isinstance(event, ChallengerChanged):
                        raise
                    self._set_aside(record, f"challenger {event.subject}: {error}")
                self._read[record.offset] = record

    def drain(self, _progress: Progress, /) -> Writes:
        """What challengers found, each issue with its challenger's name."""
        found, states = self._challengers.drain()
        partition, counts = self._place[1], Counter[str]()
        written: list[Output] = []
        for name, outputs in found:
            headers = ((CHALLENGER, name.encode()),)
            for issue in outputs.issues:
                written.append((SHADOW_ISSUES, partition, issue.customer_id.encode(), encode_issue(issue), headers))
                counts[issue.change] += 1
            for failure in outputs.failures:
                self._set_aside(self._read[failure.offset], f"challenger {name}: {failure.error_class}")
        letters, self._letters = self._letters, []
        self._read.clear()
        return Writes(written + letters, states, [(FOUND, (change,), count) for change, count in counts.items()])

    def _set_aside(self, record: Record, detail: str) -> None:
        self._letters.append(dead_letter(record, self._place, "shadow", Reason.DETECTOR_ERROR, detail))
