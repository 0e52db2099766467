"""What `--since` and `--until` mean for a recorded history, and files that are there whole or not at all."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from desk.sources.histories import opened
from desk.sources.history import History
from models.errors import OperatorError
from streams.settings import load


class BadWords(OperatorError):
    """An option does not hold. Operator action: see the message."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Which history a command was asked to play, as it was typed."""

    source: str
    data: Path | None
    since: str | None
    until: str | None

    def history(self) -> History:
        """Raises BadWords, and what `opened` raises."""
        data = self.data or load().data
        return opened(self.source, data, instant("--since", self.since), instant("--until", self.until))


def instant(option: str, words: str | None) -> datetime | None:
    """A date or an RFC 3339 instant; UTC where no zone is written. Raises BadWords."""
    if words is None:
        return None
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        raise BadWords(f"{option} {words!r} is no time: write 2017-11-24 or 2017-11-24T12:00Z") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def check_writable(option: str, file: Path | None) -> None:
    """Raises BadWords when the file could not be written; asked before long work is begun."""
    if file is None:
        return
    if file.is_dir():
        raise BadWords(f"{option} {file} is a folder: name a file in it")
    if not file.parent.is_dir():
        raise BadWords(f"{option} {file}: the folder {file.parent} does not exist; create it, or name another")
    if not os.access(file.parent, os.W_OK):
        raise BadWords(f"{option} {file}: the folder {file.parent} cannot be written to; name another")


def write_whole(file: Path, text: str) -> None:
    """Write beside the file and put it in its place at once."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as beside:
        beside.write(text)
    Path(beside.name).chmod(0o644)
    Path(beside.name).replace(file)
