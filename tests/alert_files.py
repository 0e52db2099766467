"""What stands in deploy/prometheus: rules, alerts, and promtool's test cases."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from streams.metrics.catalogue import all_metrics
from streams.metrics.metric import Label

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
FOLDER = DEPLOY / "prometheus"
RULES = sorted((FOLDER / "rules").glob("*.yaml"))
ALERTS = sorted((FOLDER / "alerts").glob("*.yaml"))
CASES = sorted((FOLDER / "tests").glob("*.yaml"))
PROMETHEUS_OWN = {"up", "process_start_time_seconds"}
_WORDS = {"and", "or", "unless", "bool", "offset", "on", "ignoring", "by", "without"}


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text())


def rules_in(*files: Path) -> Iterator[dict[str, Any]]:
    for file in files:
        for group in read(file)["groups"]:
            yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    return list(rules_in(*ALERTS))


def recorded() -> set[str]:
    return {rule["record"] for rule in rules_in(*RULES)}


def known_names() -> dict[str, dict[str, Label]]:
    """Every series that our processes tell -> its labels."""
    names: dict[str, dict[str, Label]] = {}
    for metric in all_metrics():
        labels = {label.name: label for label in metric.labels}
        ends = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
        names |= {metric.name + end: labels for end in ends}
    return names


def names_in(expression: str) -> set[str]:
    """The names of the series that a query reads."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|without|ignoring)\s*\([^)]*\)", " ", expression)
    found = re.findall(r"(?<![\w:.$])([a-zA-Z_:][\w:]*)\b(?!\s*\()", bare)
    return {name for name in found if name not in _WORDS}


def matchers_in(expression: str) -> Iterator[tuple[str, str, str]]:
    """Series, label and each value that a query asks for."""
    for name, inside in re.findall(r"([\w:]+)\{([^}]*)\}", expression):
        for label, values in re.findall(r"(\w+)\s*[=!]~?\s*\"([^\"]*)\"", inside):
            for value in values.split("|"):
                yield name, label, value


def strangers(expression: str) -> set[str]:
    """What a query reads that nobody tells: series, or labels and values of them."""
    known = known_names()
    wrong = names_in(expression) - known.keys() - recorded() - PROMETHEUS_OWN
    for name, label, value in matchers_in(expression):
        if name in known and label != "le" and not value.startswith("$"):
            there = known[name].get(label)
            if there is None or (there.values and value not in there.values):
                wrong.add(f'{name}{{{label}="{value}"}}')
    return wrong
