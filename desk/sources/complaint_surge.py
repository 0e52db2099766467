"""What the open causes say of a day's complaints, as a detector that only judges: it ships nowhere, and tells nobody.

Causes are no customer's trouble, so no detector speaks of them; here each complaint repeats what was known then.
"""

from collections.abc import Iterable
from math import log

from detectors.detector import Detector, Params, State
from detectors.readings import Moment, Output, Reading
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened
from models.instants import instant
from models.issues import Evidence

SURGE = "complaint_surge"
"""The trouble that the table of complaints holds."""
FAMILY = "complaints"
"""Of causes, as `detectors.causes` names it."""
NONE, MOST = 0.01, 0.99
"""P(many have one reason) while no cause is open; and never more than this."""


class ComplaintSurge(Detector[Params, State]):
    """P(the day is one of a surge): the share of complaints that the open cause explains; its object is the day."""

    name = SURGE
    listens_to = (CareContactOpened,)
    clock = ("care.v1",)
    params_type = Params
    state_type = State
    floor = "many complaints of one reason"
    warm_up = "that of causes"

    def observe(self, state: State, event: Event, moment: Moment) -> Iterable[Output]:  # noqa: ARG002 - remembers nothing
        """Another complaint."""
        if not isinstance(event, CareContactOpened):
            return ()
        cause = moment.knowledge.cause(FAMILY, event.data.entities, moment.now)
        share = 0.0 if cause is None else 1.0 - cause.data.expected / max(cause.data.rate, cause.data.expected, 1e-9)
        likely = min(MOST, max(NONE, share))
        day = f"{instant(moment.now):%Y-%m-%d}"
        return (Reading(object=day, look="complaint", score=log(likely / (1.0 - likely)), probability=likely),)

    def evidence(self, state: State, reading: Reading, moment: Moment) -> Evidence:  # noqa: ARG002 - remembers nothing
        """Which day."""
        return Evidence(since=instant(moment.now), expected="as many complaints as ever", actual=reading.object)

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """None: it does not ship."""
        return []

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """None."""
        return []

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """None."""
        return []
