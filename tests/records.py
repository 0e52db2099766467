"""Records as a consumer hands them over."""

from dataclasses import dataclass

from streams.step import Headers


@dataclass(frozen=True)
class FakeRecord:
    """What aiokafka's record has, as far as a step looks at it."""

    offset: int
    value: bytes | None
    key: bytes | None = b"k"
    timestamp: int = 0
    timestamp_type: int = 0
    headers: Headers = ()


def records(*values: bytes | None, first: int = 0) -> list[FakeRecord]:
    """Records in order, from the offset `first` on."""
    return [FakeRecord(offset, value) for offset, value in enumerate(values, start=first)]
