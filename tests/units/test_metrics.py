"""The metrics: one file names them, the page follows from it, and what is named is what is used."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from models.decisions import Limits
from notifiers.decide import decide
from streams.decided import begin_counting, count_decisions
from streams.metrics import catalogue
from streams.metrics.catalogue import all_metrics
from streams.metrics.document import document
from streams.metrics.metric import PREFIX, Metric
from streams.metrics.registry import Metrics
from tests import notifier_cases

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "detectors", "ledger", "notifiers", "streams", "beforehand")
HERE = ROOT / "streams" / "metrics"


def code() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if path.parent != HERE]


def test_the_page_about_metrics_is_the_one_made_from_the_catalogue() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == document(all_metrics())


@pytest.mark.parametrize("metric", all_metrics(), ids=lambda one: one.name)
def test_a_metric_says_what_it_is_and_its_labels_are_bounded(metric: Metric) -> None:
    assert metric.name.startswith(PREFIX)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.unit and metric.meaning.endswith(".") and metric.do.endswith(".")
    for label in metric.labels:
        assert bool(label.values) != bool(label.bound), label
    forbidden = {"customer", "customer_id", "order", "order_id", "email", "address", "subject", "detail", "text"}
    assert not forbidden & set(metric.label_names)


def test_no_two_metrics_have_the_same_name() -> None:
    names = [metric.name for metric in all_metrics()]
    assert len(names) == len(set(names)) > 30


def test_every_metric_named_in_code_or_docs_is_in_the_catalogue() -> None:
    known = {metric.name for metric in all_metrics()}
    known |= {f"{name}_{end}" for name in known for end in ("bucket", "sum", "count")}
    texts = [*code(), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    ends = "total|seconds|offset|records|rows|partitions|issues|duplicates|open|on|info|bucket|sum|count"
    pattern = re.compile(rf"\b{PREFIX}[a-z_]*(?:{ends})\b")
    found = {(path.name, name) for path in texts for name in pattern.findall(path.read_text())}
    assert {one for one in found if one[1] not in known} == set()


def test_label_sets_with_known_values_are_there_before_anything_happened() -> None:
    told = generate_latest(Metrics().registry).decode()
    assert 'beforehand_breaker_open{name="outreach"} 0.0' in told
    assert 'beforehand_outbox_rows{state="UNKNOWN"} 0.0' in told
    assert "beforehand_canary_last_success_timestamp_seconds 0.0" in told


def test_a_decision_is_counted_by_verdict_rule_and_detector() -> None:
    metrics = Metrics()
    decided = decide(notifier_cases.issue(), notifier_cases.standing(), Limits(), notifier_cases.NOW)
    count_decisions([decided, decided], 0, metrics)
    labels = f'detector="late_delivery",rule="{decided.rule}",verdict="{decided.verdict}"'
    assert f"beforehand_decisions_total{{{labels}}} 2.0" in generate_latest(metrics.registry).decode()


def test_decisions_of_every_detector_are_there_before_anything_was_decided() -> None:
    metrics = Metrics()
    begin_counting(None, metrics)
    told = generate_latest(metrics.registry).decode()
    assert 'beforehand_decisions_total{detector="late_delivery",rule="shadow",verdict="hold"} 0.0' in told


def test_a_wrong_number_of_labels_or_an_unnamed_metric_is_refused() -> None:
    metrics = Metrics()
    with pytest.raises(ValueError, match="label"):
        metrics.add(catalogue.DECISIONS, 1, "tell")
    with pytest.raises(KeyError):
        metrics.put(Metric(name="beforehand_new", kind="gauge", unit="1", meaning="x", do="y"), 1)


def test_every_metric_is_set_somewhere_and_only_by_its_name_in_the_catalogue() -> None:
    names = {name for name, thing in vars(catalogue).items() if isinstance(thing, Metric)}
    used = set().union(*(names_read(path) for path in (*code(), *sorted(HERE.glob("*.py")))))
    assert names - used == set(), "named, never set"
    made_elsewhere = [path for path in code() if re.search(r"\b(Counter|Gauge|Histogram)\(\s*[\"']", path.read_text())]
    assert made_elsewhere == []


def names_read(path: Path) -> set[str]:
    """The metrics that a file imports and hands to something that sets them."""
    tree = ast.parse(path.read_text())
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "streams.metrics.catalogue"
        for alias in node.names
    }
    setters = ("add", "put", "observe")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    set_here = {
        call.args[0].id
        for call in calls
        if call.args and isinstance(call.args[0], ast.Name)
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in setters
    }
    counts = [node for node in ast.walk(tree) if isinstance(node, ast.Tuple) and len(node.elts) == 3]  # a step's counts
    counted = {node.elts[0].id for node in counts if isinstance(node.elts[0], ast.Name)}
    return {imported[name] for name in (set_here | counted) if name in imported}


def test_a_role_on_kafka_loads_no_database_for_its_metrics() -> None:
    code = "import sys, streams.run; print('\\n'.join(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "alembic"} & set(found.stdout.split()) == set()
