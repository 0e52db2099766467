"""The processes of this machine: found by the files they leave in the run folder, asked over HTTP."""

import json
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from detectors.causes.cause import Standing
from streams.probes.server import CAUSES, FOLDER

Sample = tuple[str, dict[str, str], float]
"""A metric's name, labels and value."""

ANSWER_S = 3.0


class Process(msgspec.Struct, frozen=True):
    """One process: why it is not ready (nothing: it is), what it tells Prometheus, and its open causes."""

    name: str
    reasons: list[str]
    samples: list[Sample]
    causes: list[Standing] = []


def found(run_dir: Path) -> list[Process]:
    """All that have left a file. One that does not answer says so in its reasons."""
    return [_asked(file) for file in sorted((run_dir / FOLDER).glob("*.json"))]


def value(samples: Iterable[Sample], name: str, *, most: bool = False, **labels: str) -> float:
    """The sum, or else the highest, of the samples of this name and these labels; 0: there are none."""
    numbers = [number for one, given, number in samples if one == name and labels.items() <= given.items()]
    return max(numbers, default=0.0) if most else sum(numbers)


def _asked(file: Path) -> Process:
    name = file.stem.rpartition(".")[0]
    try:
        where = str(json.loads(file.read_bytes())[0]["targets"][0])
        reasons = json.loads(_get(where, "/readyz"))["reasons"]
        families = text_string_to_metric_families(_get(where, "/metrics").decode())
        samples = [(s.name, dict(s.labels), s.value) for family in families for s in family.samples]
        return Process(name, reasons, samples, msgspec.json.decode(_get(where, CAUSES), type=list[Standing]))
    except (OSError, HTTPException, ValueError, KeyError, IndexError) as error:
        return Process(name, [f"does not answer ({type(error).__name__})"], [])


def _get(where: str, path: str) -> bytes:
    connection = HTTPConnection(where, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()
