"""What one detector costs, measured on the stories it brings itself."""

from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec

from detectors.detector import Detector
from detectors.memory import is_customer
from detectors.pipeline import Pipeline
from models.events.base import Event

REPEATS, LEAST = 60, 3
ENOUGH_S = 0.5
"""Long stories are played less often."""


class Cost(msgspec.Struct, frozen=True):
    """Per record of its stories, ticks and what they wake included; `bytes` is the largest customer it left behind."""

    microseconds: float
    bytes: int


def cost(detector: Detector[Any, Any], elapsed: Callable[[], float], repeats: int = REPEATS) -> Cost:
    """Plays each story so often, or until it took long; the median counts. `elapsed` is a clock in seconds."""
    stories = [detector.story_of_trouble(), detector.story_of_calm(), *detector.stories_by_severity()]
    spent: list[float] = []
    while len(spent) < min(LEAST, repeats) or (len(spent) < repeats and sum(spent) < ENOUGH_S):
        spent.append(_seconds(detector, stories, elapsed))
    records = sum(map(len, stories))
    return Cost(median(spent) / records * 1e6, max(_bytes(detector, story) for story in stories))


def _seconds(detector: Detector[Any, Any], stories: list[list[Event]], elapsed: Callable[[], float]) -> float:
    total = 0.0
    for story in stories:
        pipeline = Pipeline([detector], 0)
        began = elapsed()
        for offset, event in enumerate(story):
            pipeline.apply(event, offset)
        total += elapsed() - began
    return total


def _bytes(detector: Detector[Any, Any], story: list[Event]) -> int:
    pipeline, largest = Pipeline([detector], 0), 0
    for offset, event in enumerate(story):
        pipeline.apply(event, offset)
        for key, value in pipeline.drain().states:
            if value is not None and is_customer(key):
                largest = max(largest, len(value))
    return largest
