"""Trouble: the customer cannot get into their account."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from detectors import scenes
from detectors.odds import dated
from detectors.readings import Moment, Output
from detectors.repeats import RepeatDetector, RepeatParams, RepeatState, Run
from models.events.base import Event
from models.events.login_attempted import LoginAttempted, LoginAttemptedData


class LoginParams(RepeatParams, frozen=True):
    """As `RepeatParams`.

    Mistyping once or twice is everyday life, and a third try finds the caps lock. Who fails a fourth time within half
    an hour does not know a way in, and is about to be locked out where accounts lock at five.
    """

    floor: Annotated[int, Meta(ge=1, le=50)] = 4
    window_s: Annotated[float, Meta(ge=60.0, le=86400.0)] = 1800.0
    silence_s: Annotated[float, Meta(ge=60.0, le=172800.0)] = 3600.0


class LoginTrouble(RepeatDetector[LoginParams]):
    """Counts failed logins since the last one that worked. Whether the customer or another tried cannot be known."""

    name = "login_trouble"
    listens_to = (LoginAttempted,)
    clock = ("telemetry.v1",)
    params_type = LoginParams
    floor = "four failed logins within 30 minutes, none of which worked"
    warm_up = "none: it reads only what the customer did"

    def observe(self, state: RepeatState, event: Event, moment: Moment) -> Iterable[Output]:
        """A success ends the run, a failure makes it longer."""
        assert isinstance(event, LoginAttempted)  # noqa: S101 - narrows the type; listens_to holds nothing else
        thing = next(iter(state.runs), "")
        if event.data.succeeded:
            return self.ended(state, thing, "success") if thing else ()
        return self.failed(state, thing or dated("login", moment.now), moment.now, event.data.method)

    def words(self, run: Run) -> tuple[str, str, dict[str, str]]:
        """How often."""
        count = len(run.at)
        return "a login that works within three attempts", f"{count} failed logins", {"failures": str(count)}

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Five failures within six minutes."""
        return [_attempt(minute) for minute in (0, 1, 2, 4, 6)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Three failures and a success, twice on one day."""
        tries = [_attempt(minute, works=minute % 100 == 3) for minute in (0, 1, 2, 3, 100, 101, 102, 103)]
        return [*tries, scenes.tick("telemetry.v1", 600)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """One to nine failures."""
        return [[_attempt(minute) for minute in range(count)] for count in range(1, 10)]


def _attempt(minute: int, *, works: bool = False) -> LoginAttempted:
    data = LoginAttemptedData(succeeded=works, reason="" if works else "wrong_password")
    return LoginAttempted(
        id=f"lg-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data
    )
