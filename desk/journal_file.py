"""A recorded journal partition as a file: one record per line, its offset, a space, its canonical bytes.

Canonical bytes are compact JSON and hold no line break. Offsets only rise; Kafka leaves holes between them.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from models.errors import OperatorError

Record = tuple[int, bytes]
"""Offset and canonical bytes."""


class JournalDamaged(OperatorError):
    """A line is no record, or no event. Operator action: record the journal again; the message names file and line."""


def journal_path(folder: Path, partition: int) -> Path:
    """Where a recording keeps a partition."""
    return folder / f"journal-{partition}.log"


class NoJournal(OperatorError):
    """There is no recording at a place. Operator action: the message says what is looked for."""


def recorded(place: Path) -> dict[int, Path]:
    """Partition -> file, of a folder with a recording or of one file of it. Raises NoJournal."""
    files = [place] if place.is_file() else sorted(place.glob("journal-*.log")) if place.is_dir() else []
    found = {int(name): file for file in files if (name := file.stem.removeprefix("journal-")).isdecimal()}
    if not found:
        raise NoJournal(
            f"{place} is no recorded journal (a folder with journal-0.log and so on, or one of these files): "
            "record one with `beforehand replay SOURCE --record FOLDER`"
        )
    return dict(sorted(found.items()))


class JournalWriter:
    """Writes one partition; a context manager. An existing file is replaced."""

    def __init__(self, folder: Path, partition: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = journal_path(folder, partition).open("wb")

    def append(self, offset: int, raw: bytes) -> None:
        """Add a record. `raw` must hold no line break."""
        self._file.write(b"%d %b\n" % (offset, raw))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(path: Path) -> Iterator[Record]:
    """The records of one partition in order. Raises FileNotFoundError, or JournalDamaged at a line that is none."""
    former = -1
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            offset, space, raw = line.partition(b" ")
            if not (space and raw.endswith(b"}\n") and offset.isdigit() and int(offset) > former):
                raise JournalDamaged(f"{path}: line {number} is not a journal record; record the journal again")
            former = int(offset)
            yield former, raw[:-1]
