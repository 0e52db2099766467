"""Asks the probes of running processes, as Prometheus and Kubernetes would."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Answer:
    code: int
    body: bytes

    @property
    def reasons(self) -> str:
        return " | ".join(json.loads(self.body)["reasons"])


def address(run_dir: Path, process: str) -> str | None:
    """Where a process serves its probes, when it does already."""
    for file in sorted((run_dir / "probes").glob(f"{process}.*.json")):
        return str(json.loads(file.read_text())[0]["targets"][0])
    return None


def ask(run_dir: Path, process: str, path: str) -> Answer:
    """The answer of a process; code 0 when there is none."""
    where = address(run_dir, process)
    if where is None:
        return Answer(0, b'{"reasons": []}')
    try:
        with urllib.request.urlopen(f"http://{where}{path}", timeout=5) as answer:
            return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read())
    except OSError:
        return Answer(0, b'{"reasons": []}')


Sample = tuple[str, dict[str, str], float]


def samples(run_dir: Path, process: str) -> list[Sample]:
    """Everything that a process tells Prometheus."""
    answer = ask(run_dir, process, "/metrics")
    text = answer.body.decode() if answer.code == 200 else ""
    return [
        (one.name, dict(one.labels), one.value)
        for family in text_string_to_metric_families(text)
        for one in family.samples
    ]


def value(told: list[Sample], name: str, **labels: str) -> float:
    """The sum of a metric's samples with these labels."""
    return sum(number for one, given, number in told if one == name and labels.items() <= given.items())
