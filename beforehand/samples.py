"""Sample records of a topic, from files: a JSONL file, or a folder with a file per record and its headers beside it."""

from collections.abc import Iterator
from pathlib import Path

from models.errors import OperatorError
from models.mapping.documents import Source

HEADERS = ".headers"


class SamplesWrong(OperatorError):
    """The samples cannot be read. Operator action: see the message."""


def samples_of(place: Path, topic: str) -> list[tuple[str, Source]]:
    """Name and record of each sample, in order. Raises `SamplesWrong`, also when there is none.

    A JSONL file has one record's value per line. In a folder each `NAME.json` is the value of one record, to the byte
    (an empty file: a record without a value), and `NAME.headers` its headers, one `name: value` per line.
    """
    try:
        found = list(_of_folder(place, topic) if place.is_dir() else _of_lines(place, topic))
    except OSError as error:
        raise SamplesWrong(f"{place}: cannot be read ({error.strerror}): name a JSONL file or a folder") from None
    if not found:
        raise SamplesWrong(f"{place}: no sample in it: put a record per line, or a folder's record per .json file")
    return found


def _of_lines(file: Path, topic: str) -> Iterator[tuple[str, Source]]:
    for number, line in enumerate(file.read_bytes().split(b"\n")):
        if line.strip():
            yield f"line {number + 1}", Source(topic, 0, number, line)


def _of_folder(folder: Path, topic: str) -> Iterator[tuple[str, Source]]:
    for number, file in enumerate(sorted(folder.glob("*.json"))):
        beside = file.with_suffix(HEADERS)
        headers = _headers(beside) if beside.exists() else []
        yield file.stem, Source(topic, 0, number, file.read_bytes() or None, headers=headers)


def _headers(file: Path) -> list[tuple[str, bytes]]:
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        name, colon, value = line.partition(":")
        if not colon:
            raise SamplesWrong(f"{file}, line {number + 1}: no header: write `name: value`")
        found.append((name.strip(), value.strip().encode()))
    return found
