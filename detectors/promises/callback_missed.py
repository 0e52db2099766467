"""Trouble: the customer was told that we would call, and sits beside a telephone that does not ring."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from detectors import scenes
from detectors.deadlines import DAY_S, HOUR_S, Deadline, DeadlineDetector, DeadlineParams, DeadlineState, hours
from detectors.entities import short
from detectors.readings import Moment, Output
from models.events.base import Event
from models.events.callback_made import CallbackMade, CallbackMadeData
from models.events.callback_promised import CallbackPromised, CallbackPromisedData
from models.instants import instant


class CallbackParams(DeadlineParams, frozen=True):
    """As `DeadlineParams`.

    Half an hour is how late a visitor may be; who still waits then has given up the time for nothing. The next day it
    is serious, and after a week the customer has found another way.
    """

    grace_s: Annotated[float, Meta(ge=0.0, le=DAY_S)] = HOUR_S / 2
    serious_s: Annotated[float, Meta(ge=HOUR_S, le=7 * DAY_S)] = DAY_S
    give_up_s: Annotated[float, Meta(ge=DAY_S, le=30 * DAY_S)] = 7 * DAY_S


class CallbackMissed(DeadlineDetector[CallbackParams]):
    """A promise is a deadline. A call that the customer did not take keeps it: they can see that we called."""

    name = "callback_missed"
    listens_to = (CallbackPromised, CallbackMade)
    begins_with = (CallbackPromised,)
    clock = ("care.v1",)
    params_type = CallbackParams
    floor = "not called half an hour after the time that was promised"
    warm_up = "none: the promise is the house's own"

    def observe(self, state: DeadlineState, event: Event, moment: Moment) -> Iterable[Output]:
        """A promise, or the call."""
        if type(event) is CallbackPromised:
            due = int(event.data.promised_by.timestamp())
            return self.wait(state, short(event.data.callback_id), Deadline(int(moment.now), due))
        if isinstance(event, CallbackMade):
            return self.ended(state, short(event.data.callback_id), "called")
        return ()

    def words(self, deadline: Deadline, now: float) -> tuple[str, str, dict[str, str]]:
        """The hour, and how long ago that was."""
        by, late = instant(deadline.due), hours(now - deadline.due)
        return f"a call by {by:%Y-%m-%d %H:%M} UTC", f"no call {late} later", {"promised_by": by.isoformat()}

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Promised until six in the evening, and it is seven."""
        return [_promised(), scenes.tick("care.v1", 10 * 60)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """A quarter of an hour late; another put off and then made in time, though nobody answered."""
        return [
            _promised(),
            _promised("cb-4", 10),
            _made("cb-3", 9 * 60 + 15),
            _promised("cb-4", 30, at=560),
            scenes.tick("care.v1", 20 * 60),
            _made("cb-4", 29 * 60, reached=False),
            scenes.tick("care.v1", 9 * 1440),
        ]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Later and later."""
        return [[_promised(), scenes.tick("care.v1", 60 * passed)] for passed in (9.6, 12, 20, 40, 90)]


def _promised(callback: str = "cb-3", hour: float = 9, at: float = 0) -> CallbackPromised:
    data = CallbackPromisedData(callback_id=callback, promised_by=scenes.START + timedelta(hours=hour))
    return CallbackPromised(
        id=f"{callback}-{at}", source="care", subject=scenes.CUSTOMER, time=scenes.after(at), data=data
    )


def _made(callback: str, at: float, *, reached: bool = True) -> CallbackMade:
    data = CallbackMadeData(callback_id=callback, reached=reached)
    return CallbackMade(id=f"{callback}-m", source="care", subject=scenes.CUSTOMER, time=scenes.after(at), data=data)
