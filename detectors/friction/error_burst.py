"""Trouble: the customer meets one error after the other."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from detectors import scenes
from detectors.odds import dated
from detectors.readings import Moment, Output
from detectors.repeats import RepeatDetector, RepeatParams, RepeatState, Run
from models.events.base import Event
from models.events.error_shown import ErrorShown, ErrorShownData


class ErrorParams(RepeatParams, frozen=True):
    """As `RepeatParams`.

    An error now and then is reloaded away. Five within ten minutes mean that the visit does not work, whatever the
    customer tries. Half an hour without one is the end of a visit, as web statistics count visits.
    """

    floor: Annotated[int, Meta(ge=1, le=50)] = 5
    window_s: Annotated[float, Meta(ge=60.0, le=86400.0)] = 600.0
    silence_s: Annotated[float, Meta(ge=60.0, le=172800.0)] = 1800.0


class ErrorBurst(RepeatDetector[ErrorParams]):
    """Counts errors that the customer was shown, of any kind; a page that works in between does not undo them."""

    name = "error_burst"
    listens_to = (ErrorShown,)
    clock = ("telemetry.v1",)
    params_type = ErrorParams
    floor = "five errors shown within ten minutes"
    warm_up = "none: it reads only what the customer saw"

    def observe(self, state: RepeatState, event: Event, moment: Moment) -> Iterable[Output]:
        """One more."""
        assert isinstance(event, ErrorShown)  # noqa: S101 - narrows the type; listens_to holds nothing else
        thing = next(iter(state.runs), "") or dated("errors", moment.now)
        return self.failed(state, thing, moment.now, event.data.code[:40])

    def words(self, run: Run) -> tuple[str, str, dict[str, str]]:
        """How many, and the newest."""
        actual = f"{len(run.at)} errors shown, the last one {run.last}"
        return "a visit without errors", actual, {"errors": str(len(run.at)), "code": run.last}

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Six errors within five minutes."""
        return [_error(minute) for minute in range(6)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """An error every four minutes."""
        return [*(_error(4 * number) for number in range(8)), scenes.tick("telemetry.v1", 600)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """One to eleven errors."""
        return [[_error(number / 2) for number in range(count)] for count in range(1, 12)]


def _error(minute: float) -> ErrorShown:
    data = ErrorShownData(code="502", page="basket")
    return ErrorShown(id=f"er-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data)
