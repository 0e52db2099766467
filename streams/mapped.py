"""One partition of somebody else's topic: through its mapping into the journal, or to those who find the customer."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from models.dead_letters import Reason
from models.errors import OperatorError
from models.events.catalogue import encode
from models.events.feed_progressed import FeedProgressed
from models.events.mapping_updated import MappingUpdated, MappingUpdatedData
from models.intake import Rejected
from models.mapping.documents import Source
from models.mapping.engine import Mapped, MappedEvent, Mapping
from streams.admitting import admitted
from streams.dead_letters import foreign_letter
from streams.identities import awaiting, link_of, linked
from streams.step import Output, Progress, Record, Writes
from streams.ticks import CAUGHT_UP_KEY, Ticker
from streams.topics import JOURNAL

MAPPING_KEY = b"\x00mapping"


class MappingChanged(OperatorError):
    """Another file under a version that was read with already. Operator action: raise the version, or put it back."""


class ReadWith(msgspec.Struct, frozen=True):
    """Which mapping a partition has been read with."""

    version: int
    digest: str


class MappedStep:
    """State: how far was told, and which mapping was read with. A new version is announced in the journal first."""

    def __init__(
        self, place: tuple[str, int], partitions: int, mapping: Mapping, ticker: Ticker, now: Callable[[], datetime]
    ) -> None:
        self._place = place
        self._partitions = partitions
        self._mapping = mapping
        self._ticker = ticker
        self._now = now
        self._announced = False
        self._outputs: list[Output] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Take back how far was told. Raises `MappingChanged` when the file is not the one that its version was."""
        if key == CAUGHT_UP_KEY:
            self._ticker.load(value)
        elif key == MAPPING_KEY:
            before, mapping = msgspec.json.decode(value, type=ReadWith), self._mapping
            if mapping.version < before.version or (
                mapping.version == before.version and mapping.digest != before.digest
            ):
                raise MappingChanged(_told(mapping, before))
            self._announced = mapping.version == before.version

    def apply(self, records: Sequence[Record]) -> None:
        """Map every record, in order."""
        now = self._now()
        for record in records:
            found = self._found(record, now)
            if isinstance(found, Rejected):
                letter = foreign_letter(record, self._place, "ingest", found.reason, found.detail, self._partitions)
                self._outputs.append(letter)
            else:
                self._take(found, record)

    def drain(self, progress: Progress, /) -> Writes:
        """Everything mapped, and last the tick; before all, when it is new, which mapping it was made by."""
        self._outputs += self._ticker.due(progress)
        outputs, self._outputs = self._outputs, []
        states = self._ticker.states()
        if not self._announced:
            self._announced = True
            outputs = [*self._announcement(), *outputs]
            states.append((MAPPING_KEY, msgspec.json.encode(ReadWith(self._mapping.version, self._mapping.digest))))
        return Writes(outputs, states)

    def _found(self, record: Record, now: datetime) -> Mapped | Rejected:
        found = self._mapping(
            Source(*self._place, record.offset, record.value, record.key, record.headers, record.timestamp), now
        )
        if isinstance(found, Mapped) and any(one.event.subject.startswith("\x00") for one in found.events):
            return Rejected(Reason.UNMAPPED, "subject: begins with a NUL, as only our own keys do")
        return found

    def _take(self, found: Mapped, record: Record) -> None:
        self._outputs += [linked(link, self._partitions) for link in found.links]
        for one in found.events:
            if type(one.event) is FeedProgressed:
                self._ticker.watermark.vouched(one.event.time)
                self._outputs += self._ticker.vouch()
                continue
            self._ticker.watermark.read(one.event.time)
            self._outputs += self._records(one, record)

    def _records(self, one: MappedEvent, record: Record) -> list[Output]:
        if not one.known:
            return [awaiting(one.event, record, self._place, self._partitions)]
        written = [admitted(one.event, self._partitions)]
        if (link := link_of(one.event)) is not None:
            written.append(linked(link, self._partitions))
        return written

    def _announcement(self) -> list[Output]:
        mapping, (topic, partition) = self._mapping, self._place
        data = MappingUpdatedData(
            version=mapping.version, digest=mapping.digest, source_topic=topic, source_partition=partition
        )
        update = MappingUpdated(
            id=f"{mapping.name}/{mapping.version}/{partition}", source="ingest", subject=mapping.name, time=self._now(),
            data=data,
        )  # fmt: skip
        raw, key = encode(update), mapping.name.encode()
        return [(JOURNAL, number, key, raw, ()) for number in range(self._partitions)]


def _told(mapping: Mapping, before: ReadWith) -> str:
    if mapping.version < before.version:
        return (
            f"mapping {mapping.name}: {mapping.topic} has been read with version {before.version} already, and the "
            f"file says {mapping.version}: give the older content a version above {before.version}"
        )
    return (
        f"mapping {mapping.name}: the file says version {mapping.version}, but not what that version said when "
        f"{mapping.topic} was read with it (digest {before.digest[:12]}): raise `version`, or put the former file back"
    )
