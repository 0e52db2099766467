"""The mapping files of this process, read once when it starts: a change is a new version, and a restart."""

from collections.abc import Sequence
from pathlib import Path

from models.mapping.engine import Mapping, read_mapping
from models.mapping.errors import MappingWrong
from streams.settings import Settings
from streams.topics import OWN, Topic, table

MAX_BYTES = 1024 * 1024


def mapping_in(file: Path) -> Mapping:
    """The mapping in a file. Raises `MappingWrong`, one sentence."""
    try:
        raw = file.read_bytes()
        text = raw.decode()
    except OSError as error:
        raise MappingWrong(f"{file}: cannot be read ({error.strerror}): name a mapping file") from None
    except UnicodeDecodeError:
        raise MappingWrong(f"{file}: not UTF-8: save it as UTF-8") from None
    if len(raw) > MAX_BYTES:
        raise MappingWrong(f"{file}: larger than {MAX_BYTES} bytes: split it into mappings of their own topics")
    return read_mapping(text, str(file))


def mappings_in(files: Sequence[Path], taken: Sequence[str]) -> dict[str, Mapping]:
    """Topic -> its mapping. `taken` are the topics that are ours. Raises `MappingWrong`."""
    found: dict[str, Mapping] = {}
    for file in files:
        mapping = mapping_in(file)
        if mapping.topic in taken:
            raise MappingWrong(f"{file}: topic {mapping.topic} is one of this service's own: map another one")
        if mapping.topic in found:
            raise MappingWrong(
                f"{file}: topic {mapping.topic} is mapped by {found[mapping.topic].name}, too: put both into one file"
            )
        if any(mapping.name == other.name for other in found.values()):
            raise MappingWrong(f"{file}: another mapping is named {mapping.name}, too: give it a name of its own")
        found[mapping.topic] = mapping
    return found


def mappings_of(settings: Settings) -> dict[str, Mapping]:
    """Topic -> its mapping, for the files that are set, in their order. Raises `MappingWrong`."""
    return mappings_in(settings.mappings, OWN)


def topics_of(settings: Settings) -> tuple[Topic, ...]:
    """All topics of ours; the mapped ones are their owners'. Raises `MappingWrong`."""
    mapped = {topic: one.file.partitions or settings.partitions for topic, one in mappings_of(settings).items()}
    return table(settings.partitions, mapped=mapped)
