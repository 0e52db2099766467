"""What a detector freezes and labels, as events for `learn`."""

from datetime import datetime
from math import isfinite

from detectors.readings import Censor, Freeze, Label
from models.events.example_censored import ExampleCensored, ExampleCensoredData
from models.events.example_frozen import ExampleFrozen, ExampleFrozenData
from models.events.example_labelled import ExampleLabelled, ExampleLabelledData
from models.instants import instant


def event_of(
    one: Freeze | Label | Censor, event_id: str, at: datetime
) -> ExampleFrozen | ExampleLabelled | ExampleCensored:
    """The event, as of `at`. Numbers on the wire are finite: NaN becomes a place in `unknown`."""
    if isinstance(one, Label):
        labelled = ExampleLabelledData(object=one.object, value=one.value)
        return ExampleLabelled(id=event_id, source="detect", subject=one.model, time=at, data=labelled)
    if isinstance(one, Censor):
        censored = ExampleCensoredData(about=one.about)
        return ExampleCensored(id=event_id, source="detect", subject=one.model, time=at, data=censored)
    frozen = ExampleFrozenData(
        object=one.object,
        values=[value if isfinite(value) else 0.0 for value in one.values],
        unknown=[place for place, value in enumerate(one.values) if not isfinite(value)],
        ripe_at=instant(one.ripe_at),
        expires_at=instant(one.expires_at),
        tokens=list(one.tokens),
        probability=one.probability,
        about=one.about,
    )
    return ExampleFrozen(id=event_id, source="detect", subject=one.model, time=at, data=frozen)
