"""For whoever was woken: is a customer harmed, where does it hang, what does it hang on."""

from typing import Final

from deploy.grafana.panel import Json, Panel, Row, dashboard

UID: Final = "beforehand-on-call"

_FIRING = Panel(
    "Firing", {"": 'ALERTS{alertstate="firing",alertname!="Watchdog"}'}, "Each has a runbook of its name.",
    kind="table", width=12,
)  # fmt: skip
_HARM = (
    _FIRING,
    Panel("Told twice", {"": "max(beforehand_outreach_duplicates)"}, "Must be 0.", kind="stat", width=3, limit=1),
    Panel(
        "Wait for a person", {"": "max(beforehand_outreach_unknown_rows)"}, "May or may not have been sent.",
        kind="stat", width=3, limit=1,
    ),
    Panel("Stopped", {"": "beforehand:outreach_stopped"}, "1: switch or breaker.", kind="stat", width=3, limit=1),
    Panel(
        "Last canary", {"": "time() - max(beforehand_canary_last_success_timestamp_seconds)"}, "One comes each minute.",
        unit="s", kind="stat", width=3, limit=300,
    ),
)  # fmt: skip
_OUTREACH = (
    Panel(
        "Messages by outcome", {"{{outcome}}": "sum by (outcome) (rate(beforehand_outreach_total[$__rate_interval]))"},
        "Per second.", unit="cps",
    ),
    Panel("Outbox", {"{{state}}": "max by (state) (beforehand_outbox_rows)"}, "What has not ended."),
    Panel(
        "Oldest that may go out",
        {"age": "time() - (max(beforehand_outbox_oldest_pending_timestamp_seconds) != 0)"},
        "None: nothing waits.", unit="s", limit=300,
    ),
    Panel("Calls that fail", {"{{channel}}": "beforehand:outreach_failed:ratio_rate10m"}, "By channel.", "percentunit",
          limit=0.5),
    Panel(
        "From event to decision",
        {
            "p50": "histogram_quantile(0.5, sum by (le) (rate(beforehand_event_to_decision_seconds_bucket[10m])))",
            "p99": "histogram_quantile(0.99, sum by (le) (rate(beforehand_event_to_decision_seconds_bucket[10m])))",
        },
        "Promised: 99 % within 30 s.", unit="s", limit=30,
    ),
    Panel(
        "Budget burnt, decisions",
        {window: f"beforehand:decisions_late:ratio_rate{window} / 0.01" for window in ("1h", "6h")},
        "1: just what the promise allows.", limit=14.4,
    ),
)  # fmt: skip
_FLOW = (
    Panel("Lag", {"{{role}}": "sum by (role) (beforehand:lag_records)"}, "Offsets not safe yet."),
    Panel(
        "Lag as time", {"{{role}}": "time() - min by (role) (beforehand:caught_up_timestamp_seconds)"},
        "Since the slowest partition had nothing left.", unit="s", limit=60,
    ),
    Panel(
        "Time is held back", {"{{source}}": "time() - min by (source) (beforehand_watermark_timestamp_seconds)"},
        "How far each source is known to have been read.", unit="s", limit=600,
    ),
    Panel(
        "Records", {"{{role}}": "sum by (role) (rate(beforehand_events_consumed_total[$__rate_interval]))"},
        "Committed, per second.", unit="cps",
    ),
    Panel(
        "Set aside", {"{{reason}}": "sum by (reason) (increase(beforehand_dead_letters_total[$__rate_interval])) > 0"},
        "Dead letters by reason.",
    ),
    Panel("Partitions owned", {"{{role}}": "beforehand:assigned_partitions"}, "Falls: a process is gone."),
)  # fmt: skip
_CAUSES = (
    Panel(
        "Open causes", {"{{family}}": "sum by (family) (beforehand_open_causes)"},
        "Many customers, one trouble. `beforehand status` names the largest.", width=12,
    ),
    Panel(
        "Customers of the largest", {"{{family}}": "max by (family) (beforehand_largest_cause_customers)"},
        "Gathered since it opened.", width=12,
    ),
)  # fmt: skip
_PARTS = (
    Panel("Processes", {"{{process}}": 'up{job="beforehand"}'}, "0: no answer.", width=6),
    Panel(
        "Restarts", {"{{process}}": "sum by (process) (increase(beforehand_restarts_total[15m]))"}, "By `up`.", width=6
    ),
    Panel(
        "Last answers",
        {
            "Kafka": "time() - max(beforehand_kafka_last_answer_timestamp_seconds)",
            "ledger": "time() - max(beforehand_ledger_last_answer_timestamp_seconds)",
        },
        "Of what the service hangs on.", unit="s", width=6, limit=30,
    ),
    Panel(
        "Transactions, p99",
        {"{{role}}": "histogram_quantile(0.99, sum by (role, le) (rate(beforehand_transaction_seconds_bucket[10m])))"},
        "The broker's disks, or the database.", unit="s", width=6,
    ),
)  # fmt: skip


def on_call() -> Json:
    """The dashboard."""
    rows = (
        Row("Is a customer harmed?", _HARM),
        Row("Outreach", _OUTREACH),
        Row("What many customers suffer from", _CAUSES),
        Row("On the way", _FLOW),
        Row("Processes, and what they hang on", _PARTS),
    )
    return dashboard(UID, "beforehand: on call", rows)
