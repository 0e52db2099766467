"""Shows one detector a few events and hands out what it makes of them."""

from typing import Any

from detectors.catalogue import all_detectors
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.base import Event


def told(name: str, events: list[Event], params: dict[str, Any] | None = None) -> Outputs:
    """All that comes of the events; a detector that stumbles fails the test."""
    shown = [detector for detector in all_detectors({name: params or {}}) if detector.name == name]
    pipeline = Pipeline(shown, 0, keep_signals=True)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return outputs


def changes(name: str, events: list[Event]) -> list[str]:
    """Opened, updated, resolved."""
    return [issue.change for issue in told(name, events).issues]
