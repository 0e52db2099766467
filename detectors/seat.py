"""One detector at work on one customer: all of its answer counts, or nothing of it."""

from typing import Any

import msgspec
from msgspec import Raw

from detectors.clock import NEVER
from detectors.customer import Codec, Customer, Part, encode_part
from detectors.detector import Detector, Params
from detectors.episodes import Episode, issue_id, judge, turn
from detectors.readings import Alarm, Cancel, Case, Freeze, Label, Observation, Output, Reading
from detectors.recorder import Recorder
from models.events.base import Event
from models.issues import Change, Issue

MOST_SURE = 0.99
"""Verdicts never raise a bar further: nobody could speak any more."""


class Seat:
    """A detector in its place in the pipeline; `key` is its part in a customer.

    A detector changes its state in place; when it raises, the state is read again from the bytes of before the call.
    """

    __slots__ = ("_bars", "_codec", "_recorder", "_shift", "detector", "key", "name")

    def __init__(self, detector: Detector[Any, Any], recorder: Recorder) -> None:
        self.detector = detector
        self.name = detector.name
        self._recorder = recorder
        self._codec = Codec(detector)
        self.key = self._codec.key
        self._shift = 0.0
        self._bars: Params = detector.params

    @property
    def bar(self) -> float:
        """From which probability on an episode opens: the parameter, moved by verdicts."""
        return self._bars.open_at

    def lean(self, shift: float) -> None:
        """Move the bar by so much from the parameter; it stays above the one at which an episode ends."""
        self._shift, params = shift, self.detector.params
        opens = min(MOST_SURE, max(params.close_at, params.open_at + shift)) if shift else params.open_at
        self._bars = msgspec.structs.replace(params, open_at=opens)

    def set(self, parameters: str) -> None:
        """New parameters from JSON text. Raises `msgspec.ValidationError` when invalid; the old ones then stay."""
        params = msgspec.json.decode(parameters, type=self.detector.params_type)
        self.detector = self.detector.with_params(params)
        self.lean(self._shift)

    def observe(self, customer: Customer, event: Event) -> float:
        """Show the detector one event. Its earliest alarm, or `NEVER`."""
        before = customer.parts.get(self.key)
        part = self._codec.part(before)
        try:
            said = self.detector.observe(part.state, event, self._recorder.moment)
            if said:
                self._settle(part, said if type(said) is list else list(said), event, -NEVER)
        except Exception as error:
            self._take_back(part, before, error)
        return self._keep(customer, part)

    def wake(self, customer: Customer, due: float) -> float:
        """Ring every alarm that is due; they are gone afterwards, also when the detector raises. The next, or `NEVER`.

        An alarm that one before it cancelled does not ring.
        """
        before = customer.parts.get(self.key)
        part = self._codec.part(before)
        alarms = part.alarms
        things = [thing for thing, at in alarms.items() if at <= due]
        if len(things) > 1:
            things.sort()
        for thing in things:
            if thing in alarms:
                before = before or encode_part(part)
                self._ring(part, Alarm(thing, due), before)
                before = None
        return self._keep(customer, part)

    def _keep(self, customer: Customer, part: Part[Any]) -> float:
        """Take the part over into the record, unless it says nothing. Its earliest alarm, or `NEVER`."""
        if part.alarms or part.episodes or part.state != self._codec.blank:
            return customer.put(self.key, part)
        customer.drop(self.key)
        return NEVER

    def _ring(self, part: Part[Any], alarm: Alarm, before: Raw) -> None:
        del part.alarms[alarm.object]
        try:
            said = list(self.detector.due(part.state, alarm, self._recorder.moment))
            self._settle(part, said, alarm, alarm.at)
        except Exception as error:
            self._take_back(part, before, error)

    def _take_back(self, part: Part[Any], before: Raw | None, error: Exception) -> None:
        part.state = self._codec.part(before).state
        self._recorder.fail(self.name, error)

    def _settle(self, part: Part[Any], said: list[Output], cause: Event | Alarm, after: float) -> None:
        """Work out everything first (the evidence is the detector's code, too), then let it count at once.

        Alarms must be later than `after`, the one being answered: else they could ring for ever.
        """
        former = episodes = part.episodes
        issues: list[Issue] = []
        observed: list[Observation | Case] = []
        learned: list[Freeze | Label] = []
        alarms: list[Alarm | Cancel] = []
        bars = self._bars
        for output in said:
            if (
                type(output) is Observation or type(output) is Case
            ):  # exact types are cheaper to tell than isinstance; there are no others
                observed.append(output)
            elif type(output) is Alarm:
                if not after < output.at < NEVER:
                    raise ValueError("an alarm must be at a finite time, and later than the one it answers")
                alarms.append(output)
            elif type(output) is Cancel:
                alarms.append(output)
            elif type(output) is Reading and (episodes or output.probability >= bars.open_at):  # else nothing to tell
                change = judge(episodes.get(output.object), output, bars)
                if change is not None:
                    episodes = dict(former) if episodes is former else episodes
                    issues.append(self._tell(part, episodes, output, change, cause))
            elif type(output) is Freeze or type(output) is Label:
                learned.append(output)
        part.episodes = episodes
        _set_alarms(part.alarms, alarms)
        self._recorder.record(self.name, said, issues, observed)
        if learned:
            self._recorder.teach(learned)

    def _tell(
        self, part: Part[Any], episodes: dict[str, Episode], reading: Reading, change: Change, cause: Event | Alarm
    ) -> Issue:
        former, moment = episodes.get(reading.object), self._recorder.moment
        key = b"" if former else issue_id(self.name, moment.customer, reading.object, _named(cause))
        turned = turn(former, reading, change, (key, moment.now))
        evidence = self.detector.evidence(part.state, reading, moment)
        if turned.episode is None:
            del episodes[reading.object]
        else:
            episodes[reading.object] = turned.episode
        return self._recorder.issue(self.name, reading, turned, evidence)


def _set_alarms(kept: dict[str, float], alarms: list[Alarm | Cancel]) -> None:
    for one in alarms:
        if type(one) is Alarm:
            kept[one.object] = one.at
        else:
            kept.pop(one.object, None)


def _named(cause: Event | Alarm) -> str:
    if isinstance(cause, Alarm):
        return f"due {cause.at:.6f}"
    return f"{cause.source}/{cause.id}"
