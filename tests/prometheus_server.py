"""A real Prometheus on loopback with our rules, in which time goes faster: every duration in them is divided."""

import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from deploy.kafka.child import spawn
from deploy.kafka.ports import HOST, free_port
from tests.alert_files import ALERTS, RULES, read
from tests.prometheus_tools import tool

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LEAST_AGE_S = 5.0
"""Ages are told once a second and read once a second: below this, health itself would look ill."""


class Prometheus:
    """Where it listens."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, **words: str) -> Any:
        asked = f"{path}?{urllib.parse.urlencode(words)}"
        with urllib.request.urlopen(f"http://{HOST}:{self.port}{asked}", timeout=10) as answer:
            return json.loads(answer.read())["data"]

    def firing(self) -> dict[str, list[dict[str, str]]]:
        """Alert -> the labels of each that fires now."""
        found: dict[str, list[dict[str, str]]] = {}
        for one in self.ask("/api/v1/alerts")["alerts"]:
            if one["state"] == "firing":
                found.setdefault(one["labels"]["alertname"], []).append(one["labels"])
        return found

    def value(self, query: str) -> float | None:
        found = self.ask("/api/v1/query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None


@contextmanager
def prometheus(folder: Path, probes: Path, faster: float) -> Iterator[Prometheus]:
    """Reads the processes that have left their files in `probes`, once a second."""
    folder.mkdir()
    for file in (*RULES, *ALERTS):
        rules = read(file)
        for group in rules["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                rule.update(hastened(rule, faster))
        _write(folder / f"{file.parent.name}-{file.name}", rules)
    job = {
        "job_name": "beforehand", "honor_labels": True,
        "file_sd_configs": [{"files": [str(probes / "*.json")], "refresh_interval": "1s"}],
    }  # fmt: skip
    _write(folder / "prometheus.yaml", {
        "global": {
            "scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s",
            "external_labels": {"runbooks": "docs/runbooks", "dashboards": "d"},
        },
        "rule_files": [str(folder / "rules-*.yaml"), str(folder / "alerts-*.yaml")],
        "scrape_configs": [job],
    })  # fmt: skip
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = spawn(
            [
                tool("prometheus"), f"--config.file={folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={folder / 'db'}",
                f"--web.listen-address={HOST}:{port}",
            ],
            log, folder=folder,
        )  # fmt: skip
    server = Prometheus(port)
    try:
        _wait_ready(server, folder / "prometheus.log")
        yield server
    finally:
        process.terminate()
        process.wait(30)


def hastened(rule: dict[str, Any], faster: float) -> dict[str, str]:
    """The rule's query and patience, with windows, offsets and ages divided; rates and shares are as they were."""
    query = re.sub(
        r"(\[|offset )(\d+)([smhd])", lambda at: f"{at[1]}{_ms(int(at[2]) * _UNITS_S[at[3]] / faster)}", rule["expr"]
    )
    if "time()" in query:
        query = re.sub(r"> (\d{2,})\b", lambda at: f"> {max(_LEAST_AGE_S, int(at[1]) / faster):g}", query)
    found = {"expr": query}
    if "for" in rule:
        found["for"] = _ms(int(rule["for"][:-1]) * _UNITS_S[rule["for"][-1]] / faster)
    return found


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms"


def _write(file: Path, content: object) -> None:
    with file.open("w") as out:
        YAML(typ="safe").dump(content, out)


def _wait_ready(server: Prometheus, log: Path) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            server.ask("/api/v1/rules")
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"Prometheus does not answer: {log.read_text()[-800:]}")
