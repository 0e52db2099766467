"""For the owner of a detector: what it finds, what becomes of that, what it misses, and what it costs."""

from typing import Final

from deploy.grafana.panel import Json, Panel, Row, dashboard

UID: Final = "beforehand-detectors"
_CHOSEN: Final = 'detector=~"$detector"'

_FINDS = (
    Panel(
        "Issues opened",
        {
            "{{detector}}": f'sum by (detector) (increase(beforehand_issues_total{{{_CHOSEN},change="opened"}}[1h]))',
        },
        "Within the hour before.",
    ),
    Panel("Open now", {"{{detector}}": f"max by (detector) (beforehand_open_issues{{{_CHOSEN}}})"}, "Only growing: "
          "what would end them does not arrive."),
    Panel(
        "Updates per issue",
        {
            "{{detector}}": f'sum by (detector) (increase(beforehand_issues_total{{{_CHOSEN},change="updated"}}[6h]))'
            f' / sum by (detector) (increase(beforehand_issues_total{{{_CHOSEN},change="opened"}}[6h]))',
        },
        "Many: it wavers; look at its hysteresis.",
    ),
)  # fmt: skip
_BECOMES = (
    Panel(
        "Told or held",
        {
            "{{detector}} {{verdict}}": "sum by (detector, verdict) "
            f'(increase(beforehand_decisions_total{{{_CHOSEN},rule!="canary"}}[1h]))'
        },
        "Decisions, within the hour before.",
    ),
    Panel(
        "Why held",
        {
            "{{detector}} {{rule}}": "sum by (detector, rule) "
            f'(increase(beforehand_decisions_total{{{_CHOSEN},verdict="hold",rule!="canary"}}[1h])) > 0'
        },
        "The rule that was against it. `shadow`: it would have been told.",
    ),
    Panel(
        "From trouble to message, median",
        {
            "{{channel}}": "histogram_quantile(0.5, sum by (channel, le) "
            "(rate(beforehand_detect_to_send_seconds_bucket[1h])))",
        },
        "By channel.", unit="s",
    ),
)  # fmt: skip
_MISSES = (
    Panel(
        "It raised",
        {"{{detector}}": f"sum by (detector) (increase(beforehand_detector_failures_total{{{_CHOSEN}}}[1h]))"},
        "Events lost on a detector: `beforehand dead-letters list --reason detector_error`.", limit=1,
    ),
    Panel(
        "Events it could not see",
        {
            "{{topic}} {{reason}}": "sum by (topic, reason) "
            '(increase(beforehand_dead_letters_total{role=~"ingest|identify"}[1h])) > 0'
        },
        "Set aside before detection.",
    ),
    Panel(
        "Its time is held back", {"{{source}}": "time() - min by (source) (beforehand_watermark_timestamp_seconds)"},
        "Detectors of absence wait for this.", unit="s", limit=600,
    ),
)  # fmt: skip
_COSTS = (
    Panel(
        "Detection, per batch",
        {
            "p50": 'histogram_quantile(0.5, sum by (le) (rate(beforehand_batch_seconds_bucket{role="detect"}[10m])))',
            "p99": 'histogram_quantile(0.99, sum by (le) (rate(beforehand_batch_seconds_bucket{role="detect"}[10m])))',
        },
        "All detectors together.", unit="s", width=12,
    ),
    Panel(
        "Reading states back, p99",
        {"": 'histogram_quantile(0.99, sum by (le) (rate(beforehand_recovery_seconds_bucket{role="detect"}[1d])))'},
        "Grows with the states.", unit="s", width=12,
    ),
)  # fmt: skip


def detector_owner() -> Json:
    """The dashboard."""
    rows = (
        Row("What it finds", _FINDS),
        Row("What becomes of it", _BECOMES),
        Row("What it misses", _MISSES),
        Row("What it costs", _COSTS),
    )
    choose = {"detector": "label_values(beforehand_issues_total, detector)"}
    return dashboard(UID, "beforehand: detectors", rows, choose)
