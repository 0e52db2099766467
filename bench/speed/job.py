"""What a contender is told, and what it says at its end. Also read in the peers' own virtualenv: msgspec only."""

import os
import sys

import msgspec

MARK = "RESULT "


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Read `source` from its beginning to its end, write to `sink`. `name` is new for every run: groups, state."""

    name: str
    kafka: str
    source: str
    sink: str
    ends: dict[int, int]
    """Partition -> the offset after its last record."""
    records: int
    """How many there are in all."""
    folder: str
    """For what a contender keeps on disk."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` go from taking in the first record to the end of the last commit."""

    records: int
    outputs: int
    seconds: float
    cpu_s: float
    """Processor time of the whole process, its start included."""
    settings: dict[str, str]


def job_of_this_process() -> Job:
    """The job on the command line."""
    return msgspec.json.decode(sys.argv[1], type=Job)


def tell(told: Told) -> None:
    """Say the result and end this process at once: how a contender stops is not measured."""
    print(MARK + msgspec.json.encode(told).decode(), file=sys.__stdout__, flush=True)  # Faust takes the other away
    os._exit(0)
