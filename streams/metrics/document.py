"""`docs/metrics.md`, made from the catalogue."""

from collections.abc import Iterable

from streams.metrics.metric import Label, Metric

_HEAD = """# Metrics

Made by `beforehand metrics` from `streams/metrics/catalogue.py`; change that file, not this one.

Every process serves `/metrics`, `/healthz` and `/readyz` on loopback, unless `BEFOREHAND_PROBES_HOST` says otherwise,
on a port of its own (`BEFOREHAND_PROBES_PORT`; 0, the default, takes a free one). The port is logged and written to
`probes/<roles>.<process id>.json` in the run folder, as Prometheus' `file_sd_configs` reads it, with a label `process`.
Prometheus' usual `process_*` metrics are served besides these. The same port serves the contract for producers and
their tools: `/asyncapi.json` (AsyncAPI 3.0), `/schemas.json` and from there `/schemas/TYPE.json` (JSON Schema).

Instants are Unix seconds: `time() - metric` is an age. No label holds a customer, an order, an address or free text.
"""


def document(metrics: Iterable[Metric]) -> str:
    """The page, as Markdown."""
    return _HEAD + "".join(map(_section, metrics))


def _section(metric: Metric) -> str:
    lines = [
        "", f"## `{metric.name}`", "", metric.meaning, "",
        f"- kind: {metric.kind}", f"- unit: {metric.unit}", *map(_label, metric.labels),
    ]  # fmt: skip
    if metric.kind == "histogram":
        lines.append("- buckets: " + " ".join(f"{edge:g}" for edge in metric.buckets))
    return "\n".join([*lines, f"- what to do: {metric.do}", ""])


def _label(label: Label) -> str:
    known = " ".join(f"`{value}`" for value in label.values)
    return f"- label `{label.name}`: {known or label.bound}"
