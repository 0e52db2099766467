"""Errors that customers see as cases: many on one page at once have one cause."""

from collections.abc import Iterable

from detectors.detector import Params, State, Watcher
from detectors.entities import short
from detectors.readings import Case, Moment, Output
from models.events.base import Event
from models.events.error_shown import ErrorShown

FAMILY = "errors"


class ErrorCases(Watcher[Params, State]):
    """Every error shown, by page and code."""

    name = "error_cases"
    listens_to = (ErrorShown,)
    clock = ("telemetry.v1",)
    params_type = Params
    state_type = State

    def observe(self, state: State, event: Event, moment: Moment) -> Iterable[Output]:  # noqa: ARG002 - remembers nothing
        """One more error."""
        if not isinstance(event, ErrorShown):
            return ()
        entities = {"page": short(event.data.page), "code": short(event.data.code)}
        return (Case(FAMILY, "shown", 1.0, {kind: name for kind, name in entities.items() if name}, first=True),)
