"""Medians, ratios, and how they are printed and kept."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from os import cpu_count
from statistics import median

import msgspec

from bench.speed.job import Told
from bench.speed.plan import CONTENDERS, RATIOS, Asked, Sizes

PACKAGES = ("faust-streaming", "mode-streaming", "aiokafka", "msgspec")


class Line(msgspec.Struct, kw_only=True):
    """One contender. Rates in events/s; `cpu_us` is processor time per event, the start of the process included."""

    words: str
    median: float
    rounds: list[float]
    seconds: list[float]
    records: int
    outputs: int
    cpu_us: float
    settings: dict[str, str]


class Result(msgspec.Struct, kw_only=True):
    """What the file holds."""

    ratios: dict[str, float]
    required: dict[str, float]
    lines: dict[str, Line]
    partitions: int
    sizes: Sizes
    journal: dict[str, int]
    machine: dict[str, str]


def result_of(
    told: Mapping[str, Sequence[Told]], partitions: int, sizes: Sizes, journal: dict[str, int], machine: dict[str, str]
) -> Result:
    """All figures of all rounds."""
    lines = {one.name: _line(one.words, told[one.name]) for one in CONTENDERS if told.get(one.name)}
    ratios = {name: _ratio(asked, lines) for name, asked in RATIOS.items() if {asked.ours, asked.peer} <= lines.keys()}
    required = {name: RATIOS[name].least for name in ratios}
    return Result(
        ratios=ratios, required=required, lines=lines, partitions=partitions, sizes=sizes, journal=journal,
        machine=machine,
    )  # fmt: skip


def machine_of(kafka: str, quixstreams: str) -> dict[str, str]:
    """What it ran on: no process is pinned to a processor."""
    found = {"python": platform.python_version(), "cpus": str(cpu_count()), "pinned": "no", "kafka": kafka}
    return found | {name: version(name) for name in PACKAGES} | {"quixstreams": quixstreams}


def print_result(result: Result) -> None:
    """The table, the peers' settings, the ratios."""
    print(f"\n{'events/s':36}{'median':>9}{'min':>9}{'max':>9}{'s a run':>9}{'cpu us':>8}   settings")
    for line in result.lines.values():
        settings = "; ".join(f"{name}: {value}" for name, value in line.settings.items())
        print(f"{line.words:36}{line.median:9.0f}{min(line.rounds):9.0f}{max(line.rounds):9.0f}"
              f"{median(line.seconds):9.1f}{line.cpu_us:8.1f}   {settings}")  # fmt: skip
    print()
    for name, value in result.ratios.items():
        least = result.required[name]
        print(f"{name:24}{value:8.2f}   required {least:g}{'' if value >= least else '   MISSED'}")


def _line(words: str, told: Sequence[Told]) -> Line:
    rates = [one.records / one.seconds for one in told]
    return Line(
        words=words, median=median(rates), rounds=[round(rate) for rate in rates],
        seconds=[round(one.seconds, 3) for one in told], records=told[0].records, outputs=told[0].outputs,
        cpu_us=round(median(one.cpu_s / one.records for one in told) * 1e6, 2), settings=told[0].settings,
    )  # fmt: skip


def _ratio(asked: Asked, lines: Mapping[str, Line]) -> float:
    return round(lines[asked.ours].median / lines[asked.peer].median, 3)
