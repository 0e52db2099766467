"""Calls and complaints as cases: many about the same place at once have one cause."""

from collections.abc import Iterable

from detectors.detector import Params, State, Watcher
from detectors.entities import short
from detectors.readings import Case, Moment, Output
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened

FAMILY = "complaints"


class CareCases(Watcher[Params, State]):
    """Every care contact that names what it is about, once."""

    name = "care_cases"
    listens_to = (CareContactOpened,)
    clock = ("telemetry.v1",)
    params_type = Params
    state_type = State

    def observe(self, state: State, event: Event, moment: Moment) -> Iterable[Output]:  # noqa: ARG002 - remembers nothing
        """One more contact."""
        if not isinstance(event, CareContactOpened) or not event.data.entities:
            return ()
        entities = {short(kind): short(name) for kind, name in event.data.entities.items()}
        return (Case(FAMILY, "opened", 1.0, entities, first=True),)
