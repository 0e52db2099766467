"""A mapping tried on samples: what comes out of each record, and which paths never find anything."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from models.intake import Rejected
from models.mapping.documents import Source
from models.mapping.engine import Mapped, Mapping
from models.mapping.paths import Document, PathTo


class Tried(msgspec.Struct, frozen=True):
    """One sample and what became of it."""

    name: str
    source: Source
    found: Mapped | Rejected


class Check(msgspec.Struct, frozen=True):
    """`lost`: place and text of each path that was looked for and never found; `idle`: rules that no record fits."""

    tried: list[Tried]
    lost: list[tuple[str, str]]
    idle: list[str]

    @property
    def dead_letters(self) -> int:
        """Samples that would be dead-lettered."""
        return sum(isinstance(one.found, Rejected) for one in self.tried)


class WatchedPath(PathTo):
    """Counts how often it is looked for and found."""

    asked = hits = 0

    def find(self, document: Document) -> object:
        """As the path itself does."""
        self.asked += 1
        found = super().find(document)
        self.hits += found is not None
        return found

    def holds(self, document: Document) -> bool:
        """A condition that is not met has found something."""
        holds = super().holds(document)
        self.hits += 1
        return holds


def check(mapping: Mapping, samples: Iterable[tuple[str, Source]], now: datetime) -> Check:
    """Try a mapping on named samples, as of the business time `now`."""
    watched = Mapping(mapping.file, WatchedPath)
    tried = [Tried(name, source, watched(source, now)) for name, source in samples]
    paths = [path for path in watched.paths if isinstance(path, WatchedPath)]
    lost = [(p.place, p.expression) for p in paths if p.asked and not p.hits and not p.may_miss]
    made = {event.rule for one in tried if isinstance(one.found, Mapped) for event in one.found.events}
    idle = [name for name in mapping.file.events if name not in made]
    return Check(tried, lost, idle)
