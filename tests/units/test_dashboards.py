"""The dashboards are those that the code writes, and every query of theirs reads what there is."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.__main__ import FOLDER, files
from deploy.grafana.panel import SOURCE, WIDTH
from tests.alert_files import DEPLOY, read, strangers
from tests.prometheus_tools import tool

BOARDS = [json.loads(text) for text in files().values()]


def queries() -> Iterator[tuple[str, str]]:
    for board in BOARDS:
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield panel["title"], target["expr"]


def test_the_committed_files_are_those_that_the_code_writes() -> None:
    assert {file.name: file.read_text() for file in FOLDER.iterdir()} == files()


@pytest.mark.parametrize(("title", "query"), list(queries()), ids=lambda text: str(text)[:40])
def test_a_panel_reads_only_what_somebody_tells(title: str, query: str) -> None:
    assert strangers(query) - {"ALERTS"} == set(), title


def test_every_query_is_one_that_prometheus_understands(tmp_path: Path) -> None:
    rules = [
        {"record": f"asked:{number}", "expr": query.replace("$__rate_interval", "1m").replace("$detector", ".*")}
        for number, (_, query) in enumerate(queries())
    ]
    file = tmp_path / "asked.json"  # which is YAML, too
    file.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}))
    found = subprocess.run(
        [tool("promtool"), "check", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.returncode, f"SUCCESS: {len(rules)} rules found" in found.stdout) == (0, True), found.stderr


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board["uid"]))
def test_no_two_panels_lie_on_each_other_and_all_have_words(board: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= WIDTH, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or (panel["description"] and panel["targets"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) > 10


def test_grafana_is_told_where_the_dashboards_and_prometheus_are() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    [source] = read(provisioning / "datasources" / "prometheus.yaml")["datasources"]
    assert (source["uid"], source["type"]) == (SOURCE["uid"], SOURCE["type"])
    [provider] = read(provisioning / "dashboards" / "beforehand.yaml")["providers"]
    mounted = read(DEPLOY / "compose.yaml")["services"]["grafana"]["volumes"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounted
    assert re.match(r"http://prometheus:9090$", source["url"])
