"""The alert rules: each fires when it should and is silent when it should, reads what there is, and leads somewhere."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alert_files import ALERTS, CASES, DEPLOY, FOLDER, ROOT, RULES, alerts, read, rules_in, strangers
from tests.prometheus_tools import tool

RUNBOOKS = ROOT / "docs" / "runbooks"


def said(*command: str) -> str:
    found = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_the_rules_and_the_configuration_are_ones_that_prometheus_takes() -> None:
    told = said(tool("promtool"), "check", "rules", *map(str, [*RULES, *ALERTS]))
    assert sum(map(int, re.findall(r"(\d+) rules found", told))) == len(list(rules_in(*RULES, *ALERTS))) > 40
    assert f"SUCCESS: {len(RULES) + len(ALERTS)} rule files found" in said(
        tool("promtool"), "check", "config", str(FOLDER / "prometheus.yaml")
    )


@pytest.mark.parametrize("file", CASES, ids=lambda file: str(file.stem))
def test_every_case_of_promtool_holds(file: Path) -> None:
    assert "SUCCESS" in said(tool("promtool"), "test", "rules", str(file))


@pytest.mark.parametrize("file", CASES, ids=lambda file: str(file.stem))
def test_rules_that_read_what_others_record_are_evaluated_after_them(file: Path) -> None:
    cases = read(file)
    groups = [group["name"] for rules in cases["rule_files"] for group in read(file.parent / rules)["groups"]]
    assert cases.get("group_eval_order", groups[:1]) == groups


def cases() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An alert's name, and the labels of all that fire in one case of it."""
    for file in CASES:
        for one in read(file)["tests"]:
            for case in one["alert_rule_test"]:
                yield case["alertname"], [told["exp_labels"] for told in case["exp_alerts"]]


def fires(alert: dict[str, Any], told: list[dict[str, str]]) -> bool:
    fixed = {name: value for name, value in alert["labels"].items() if "{{" not in value}
    return any(fixed.items() <= labels.items() for labels in told)


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    found = list(cases())
    of_rule = [
        (alert["alert"], alert["labels"], {fires(alert, told) for name, told in found if name == alert["alert"]})
        for alert in alerts()
    ]
    always = {"Watchdog"}
    assert [one for one in of_rule if one[2] != ({True} if one[0] in always else {True, False})] == []
    assert {name for name, _ in found} == {name for name, _, _ in of_rule}
    assert len(of_rule) > 25


@pytest.mark.parametrize("rule", list(rules_in(*RULES, *ALERTS)), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_reads_only_series_labels_and_values_that_somebody_tells(rule: dict[str, Any]) -> None:
    assert strangers(rule["expr"]) == set()


def test_a_series_a_label_or_a_value_that_nobody_tells_is_noticed() -> None:
    wrong = 'sum by (rule) (rate(beforehand_decision_total[5m])) > 3 and beforehand_outreach_total{outcome="send"} > 0'
    assert strangers(wrong) == {"beforehand_decision_total", 'beforehand_outreach_total{outcome="send"}'}
    assert strangers('beforehand_open_issues{rule="x"}') == {'beforehand_open_issues{rule="x"}'}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_it_is_and_where_to_go_on(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("page", "ticket")
    told = alert["annotations"]
    assert sorted(told) == ["dashboard_url", "description", "runbook_url", "summary"]
    assert told["runbook_url"] == "{{ $externalLabels.runbooks }}/" + alert["alert"] + ".md"
    assert (RUNBOOKS / f"{alert['alert']}.md").exists()
    board = told["dashboard_url"].removeprefix("{{ $externalLabels.dashboards }}/")
    assert (DEPLOY / "grafana" / "dashboards" / f"{board}.json").exists()
    assert re.fullmatch("[A-Z][A-Za-z]+", alert["alert"])


def test_the_links_of_alerts_are_given_and_do_not_become_labels() -> None:
    config = read(FOLDER / "prometheus.yaml")
    assert set(config["global"]["external_labels"]) == {"runbooks", "dashboards"}
    [drop] = config["alerting"]["alert_relabel_configs"]
    assert (drop["action"], drop["regex"]) == ("labeldrop", "runbooks|dashboards")
    [job] = config["scrape_configs"]
    assert (job["job_name"], job["honor_labels"]) == ("beforehand", True)
