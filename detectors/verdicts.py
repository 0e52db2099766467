"""What verdicts teach: a detector that is often wrong has to be surer before it speaks, within bounds.

Verdicts become observations of the entity `detector:NAME`, so that every partition learns the same from all of them,
by the way that context goes anyway.
"""

from detectors.entities import entity_id
from detectors.knowledge import Known, shrunk
from detectors.readings import Label, Observation
from models.events.verdict_given import VerdictGiven

KIND = "detector"
WRONG = "verdict_wrong"
KNOWN = "verdict_known"
WINDOW = "90d"

EXPECTED, STRENGTH = 0.25, 20.0
"""A share of wrong messages that is taken for granted, as if it had been seen in so many verdicts."""
SLOPE = 0.5
LOWEST, HIGHEST = -0.05, 0.15
"""The bar never moves further than this from the parameter, whatever is said."""


def observations(event: VerdictGiven) -> list[Observation]:
    """What a verdict says of its detector: 1 for wrong (or a trend that is nobody's own), and for known already."""
    entity, verdict = entity_id(KIND, event.data.detector), event.data.verdict
    return [
        Observation(entity, WRONG, float(verdict in ("wrong", "trend"))),
        Observation(entity, KNOWN, float(verdict == "known")),
    ]


def label(event: VerdictGiven, model: str) -> Label:
    """What a model may learn from it; whether the customer knew is no matter of trouble."""
    return Label(model, event.data.object, float(event.data.verdict in ("right", "known")))


def shift(known: Known | None) -> float:
    """How far the bar to speak moves, between `LOWEST` and `HIGHEST`; 0 without any verdict."""
    seen = None if known is None else known.data.sums.get(f"{WRONG}/{WINDOW}")
    if seen is None:
        return 0.0
    wrong = shrunk(seen.weight, seen.total, EXPECTED, STRENGTH)
    return max(LOWEST, min(HIGHEST, SLOPE * (wrong - EXPECTED)))


def detector_of(entity: str) -> str:
    """The detector that an entity stands for; empty for any other entity."""
    kind, _, name = entity.partition(":")
    return name if kind == KIND else ""
