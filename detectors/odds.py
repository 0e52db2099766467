"""Scores in logits, and the readings that end an episode."""

from math import exp

from detectors.readings import Reading
from models.instants import instant

CERTAIN = 30.0
"""A score that leaves no doubt."""


def probability(score: float) -> float:
    """The logistic function, safe for any finite score."""
    bounded = max(-CERTAIN, min(CERTAIN, score))
    return 1.0 / (1.0 + exp(-bounded))


def over(thing: str, look: str) -> Reading:
    """The trouble has ended; `look` says by what."""
    return Reading(object=thing, look=look, score=-CERTAIN, probability=0.0, stage=look, over=True)


def dated(thing: str, seconds: float) -> str:
    """A name for trouble with `thing` that began then: another day's is another trouble, and may be told again."""
    return f"{thing}-{instant(seconds):%Y-%m-%d}"
