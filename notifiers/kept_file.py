"""A small file of the operator's, read again when it changes: secrets are exchanged without a restart."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class FileWrongError(ValueError):
    """The file cannot be read, or does not hold what it must. Says where, and never a value."""


class KeptFile(Generic[T]):
    """What `read` makes of the file's bytes; `read` raises ValueError in words that hold nothing secret."""

    def __init__(self, path: Path, read: Callable[[bytes], T]) -> None:
        self._path, self._read = path, read
        self._seen: tuple[int, int, int] | None = None
        self._kept: T | None = None

    def now(self) -> T:
        """What the file says now. Raises `FileWrongError` as long as it does not hold."""
        try:
            told = self._path.stat()
            seen = (told.st_mtime_ns, told.st_size, told.st_ino)
            if seen != self._seen or self._kept is None:
                self._kept = self._read(self._path.read_bytes())
                self._seen = seen
        except OSError as error:
            raise FileWrongError(f"{self._path.name} cannot be read ({type(error).__name__})") from None
        except ValueError as error:
            raise FileWrongError(f"{self._path.name}: {error}") from None
        return self._kept
