"""Bodies to be sent instead of originals: a folder with one file per letter, named by the letter's id."""

from pathlib import Path

from models.letters import LetterId, id_of, name_of
from streams.letters.failures import BadRepair

MAX_BYTES = 1024 * 1024
"""What a source topic takes."""


class Repairs:
    """The files of a folder; hidden ones are not looked at. Raises `BadRepair`."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[LetterId, Path] = {}
        try:
            files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        except OSError as error:
            raise BadRepair(f"folder {folder} cannot be read ({error.strerror}): name the one with the files") from None
        for path in files:
            letter = id_of(path.name)
            if letter is None or letter in self._files:
                raise BadRepair(f"{path} is not named by a dead letter's id, such as 3-120: rename or remove it")
            self._files[letter] = path
        if not files:
            raise BadRepair(f"folder {folder} is empty: write letters into it with `dead-letters show --raw {folder}`")

    @property
    def ids(self) -> frozenset[LetterId]:
        """The letters there is a file for."""
        return frozenset(self._files)

    def body(self, letter: LetterId) -> bytes:
        """The bytes of a letter's file."""
        path = self._files[letter]
        try:
            if path.stat().st_size > MAX_BYTES:
                raise BadRepair(f"{path} is larger than a source takes ({MAX_BYTES} bytes): make it smaller")
            return path.read_bytes()
        except OSError as error:
            raise BadRepair(f"{path} cannot be read ({error.strerror}): mend it, then run this again") from None


def write_original(folder: Path, letter: LetterId, value: bytes) -> bool:
    """Write a letter's bytes for its owner's eyes only; False when there is a file already, which is left alone.

    Raises `BadRepair`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / name_of(letter)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(value)
    except FileExistsError:
        return False
    except OSError as error:
        raise BadRepair(f"nothing can be written to {folder} ({error.strerror}): name another folder") from None
    return True
