"""One detector at work on one customer: all of its answer counts, or nothing of it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from detectors.customer import Part, encode_state
from detectors.detector import Detector
from detectors.episodes import Episode, issue_id, judge, turn
from detectors.readings import Alarm, Cancel, Observation, Output, Reading
from detectors.recorder import Recorder
from models.events.base import Event
from models.issues import Issue


class Seat:
    """A detector in its place in the pipeline; `clock` is the place of its due heap.

    A detector changes its state in place. So that a failure takes the change back whatever it was, the state's bytes
    from before the call are kept: those of the last checkpoint when the customer was not touched since, else encoded
    now (half a microsecond). What is restored is therefore the same for every cut into batches.
    """

    __slots__ = ("_decoder", "_recorder", "clock", "detector", "name")

    def __init__(self, detector: Detector[Any, Any], clock: int, recorder: Recorder) -> None:
        self.detector = detector
        self.name = detector.name
        self.clock = clock
        self._recorder = recorder
        self._decoder = msgspec.msgpack.Decoder(detector.state_type)

    def set(self, parameters: str) -> None:
        """New parameters from JSON text. Raises `msgspec.ValidationError` when invalid; the old ones then stay."""
        params = msgspec.json.decode(parameters, type=self.detector.params_type)
        self.detector = self.detector.with_params(params)

    def observe(self, part: Part, event: Event, now: float) -> bool:
        """Show the detector one event. True when its alarms changed."""
        moment = self._recorder.moment
        moment.now = now
        before, part.encoded = part.encoded or encode_state(part.state), None
        alarms = part.alarms
        try:
            said = list(self.detector.observe(part.state, event, moment))
            if said:
                self._settle(part, said, event)
        except Exception as error:
            self._take_back(part, before, error)
        return part.alarms is not alarms

    def due(self, part: Part, alarm: Alarm, now: float) -> None:
        """Wake the detector. The alarm is gone afterwards, also when the detector raises."""
        moment = self._recorder.moment
        moment.now = now
        before, part.encoded = part.encoded or encode_state(part.state), None
        part.alarms = {thing: at for thing, at in part.alarms.items() if thing != alarm.object}
        try:
            said = list(self.detector.due(part.state, alarm, moment))
            _refuse_alarms_until(alarm.at, said)
            self._settle(part, said, alarm)
        except Exception as error:
            self._take_back(part, before, error)

    def _take_back(self, part: Part, before: bytes, error: Exception) -> None:
        part.state = self._decoder.decode(before)
        part.encoded = before
        self._recorder.fail(self.name, error)

    def _settle(self, part: Part, said: list[Output], cause: Event | Alarm) -> None:
        """Work out everything first (the evidence is the detector's code, too), then let it count at once."""
        alarms, episodes = part.alarms, part.episodes
        issues: list[Issue] = []
        observed: list[Observation] = []
        readings: list[Reading] = []
        for output in said:
            if isinstance(output, Observation):
                observed.append(output)
            elif isinstance(output, Alarm):
                alarms = {**alarms, output.object: output.at}
            elif isinstance(output, Cancel):
                alarms = {thing: at for thing, at in alarms.items() if thing != output.object}
            else:
                readings.append(output)
        if readings:
            episodes = dict(episodes)
            issues = [i for reading in readings if (i := self._judge(part, episodes, reading, cause)) is not None]
        part.alarms, part.episodes = alarms, episodes
        self._recorder.record(self.name, readings, issues, observed)

    def _judge(self, part: Part, episodes: dict[str, Episode], reading: Reading, cause: Event | Alarm) -> Issue | None:
        former = episodes.get(reading.object)
        change = judge(former, reading, self.detector.params)
        if change is None:
            return None
        moment = self._recorder.moment
        key = b"" if former else issue_id(self.name, moment.customer, reading.object, _named(cause))
        turned = turn(former, reading, change, (key, moment.now))
        evidence = self.detector.evidence(part.state, reading, moment)
        if turned.episode is None:
            del episodes[reading.object]
        else:
            episodes[reading.object] = turned.episode
        return self._recorder.issue(self.name, reading, turned, evidence)


def _named(cause: Event | Alarm) -> str:
    if isinstance(cause, Alarm):
        return f"due {cause.at:.6f}"
    return f"{cause.source}/{cause.id}"


def _refuse_alarms_until(at: float, said: Iterable[Output]) -> None:
    """An alarm that is not later than the one being answered could ring for ever."""
    for output in said:
        if isinstance(output, Alarm) and output.at <= at:
            raise ValueError("an alarm must be later than the one it answers")
