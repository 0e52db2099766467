"""What was decided, counted once it is committed. Canaries are holds of their own rule, and apart otherwise."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from detectors.catalogue import detector_types
from models.canary import is_canary
from models.decisions import Decision
from notifiers.decide import ALREADY_OPEN
from streams.clock import real_now
from streams.metrics.catalogue import (
    CANARY_SECONDS,
    CANARY_TIME,
    DECISIONS,
    DUPLICATE_BLOCKED,
    EVENT_TO_DECISION,
)
from streams.metrics.registry import METRICS, Metrics

_LAYERS = {ALREADY_OPEN: "episode", "told_already": "told_already"}


def begin_counting(last_canary: datetime | None, metrics: Metrics = METRICS) -> None:
    """When a canary last came through, as the ledger has it: a restart must not look like a lost canary."""
    metrics.create(DECISIONS, detector=[one.name for one in detector_types()])
    if last_canary is not None:
        metrics.put(CANARY_TIME, last_canary.timestamp())


def count_decisions(decisions: Sequence[Decision], known: int, metrics: Metrics = METRICS) -> None:
    """Of one transaction; `known`: issues opened anew that had a decision."""
    for (verdict, rule, detector), amount in Counter(map(_labels, decisions)).items():
        metrics.add(DECISIONS, amount, verdict, rule, detector)
        if rule in _LAYERS:
            metrics.add(DUPLICATE_BLOCKED, amount, _LAYERS[rule])
    metrics.add(DUPLICATE_BLOCKED, known, "issue")
    for one in decisions:
        seconds = max(0.0, (one.decided_at - one.issue.at).total_seconds())
        if is_canary(one.issue.customer_id):
            metrics.observe(CANARY_SECONDS, seconds)
            metrics.put(CANARY_TIME, real_now().timestamp())
        else:
            metrics.observe(EVENT_TO_DECISION, seconds)


def _labels(decision: Decision) -> tuple[str, str, str]:
    return decision.verdict, decision.rule, decision.issue.detector
