"""A dashboard and its panels, as the JSON that Grafana reads (Grafana, "Dashboard JSON model")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 24
"""Of a dashboard, in Grafana's own columns."""
SOURCE = {"type": "prometheus", "uid": "prometheus"}
SCHEMA = 39
Json = dict[str, object]


@dataclass(frozen=True)
class Panel:
    """One picture. `queries`: legend -> PromQL; `kind`: stat, timeseries, table; `limit` is drawn as a line."""

    title: str
    queries: Mapping[str, str]
    says: str
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    height: int = 7
    limit: float | None = None


@dataclass(frozen=True)
class Row:
    """Panels under a heading, from left to right."""

    title: str
    panels: Sequence[Panel]


def dashboard(uid: str, title: str, rows: Sequence[Row], variables: Mapping[str, str] | None = None) -> Json:
    """The whole file. `variables`: name -> PromQL `label_values(...)` that fills it; all values are chosen at first."""
    return {
        "uid": uid,
        "title": title,
        "tags": ["beforehand"],
        "timezone": "utc",
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_variable(name, query) for name, query in (variables or {}).items()]},
        "annotations": {"list": [_alerts()]},
        "panels": _laid_out(rows),
    }


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    panels: list[Json] = []
    top = 0
    for row in rows:
        place: Json = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        heading: Json = {"id": len(panels) + 1, "type": "row", "title": row.title, "collapsed": False, "panels": []}
        panels.append({**heading, "gridPos": place})
        top += 1
        left = tallest = 0
        for one in row.panels:
            if left + one.width > WIDTH:
                top, left, tallest = top + tallest, 0, 0
            at = {"x": left, "y": top, "w": one.width, "h": one.height}
            panels.append({"id": len(panels) + 1, "gridPos": at, **_panel(one)})
            left, tallest = left + one.width, max(tallest, one.height)
        top += tallest
    return panels


def _panel(panel: Panel) -> Json:
    defaults: Json = {"unit": panel.unit, "min": 0}
    if panel.limit is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.limit}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        if panel.kind == "timeseries":
            defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    targets = [
        {
            "refId": chr(ord("A") + number), "expr": query, "legendFormat": legend, "datasource": SOURCE,
            "instant": panel.kind != "timeseries", "range": panel.kind == "timeseries",
        }
        for number, (legend, query) in enumerate(panel.queries.items())
    ]  # fmt: skip
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": targets,
    }


def _variable(name: str, query: str) -> Json:
    return {
        "name": name, "type": "query", "datasource": SOURCE, "query": query, "refresh": 2, "sort": 1,
        "multi": True, "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"},
    }  # fmt: skip


def _alerts() -> Json:
    """Pages that fire, drawn over every picture."""
    return {
        "name": "pages", "enable": True, "iconColor": "red", "datasource": SOURCE, "titleFormat": "{{alertname}}",
        "expr": 'ALERTS{alertstate="firing",severity="page"}',
    }  # fmt: skip
