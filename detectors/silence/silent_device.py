"""Trouble: a device that the customer relies on does not work any more, and they may not have noticed."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from models.events.base import Event
from models.events.device_reported import DeviceReported, DeviceReportedData
from models.instants import instant
from models.issues import Evidence

DAY_S = 86_400.0
MOST_DEVICES = 6


class DeviceParams(Params, frozen=True):
    """A device is silent when nothing came for the longest of three times, in seconds or as multiples.

    `floor_s`: routers start anew, power fails for minutes; within an hour nobody misses it. `times_usual` its mean gap,
    shrunk to `usual_s` (worth `usual_weight` gaps) while few are known. `times_longest` the longest gap of the last
    weeks: who switches it off at night does so every night; half of that is forgotten after `longest_half_life_s`.
    It opens nothing before `known_gaps` gaps over `known_for_s`: three days show whether nights are silent.
    """

    floor_s: Annotated[float, Meta(ge=60.0, le=2592000.0)] = 3_600.0
    times_usual: Annotated[float, Meta(ge=1.0, le=100.0)] = 6.0
    times_longest: Annotated[float, Meta(ge=0.5, le=20.0)] = 1.5
    longest_half_life_s: float = 14 * DAY_S
    usual_s: float = 900.0
    usual_weight: float = 5.0
    known_gaps: Annotated[int, Meta(ge=1, le=1000)] = 20
    known_for_s: float = 3 * DAY_S
    fades_over: int = 200
    give_up_s: float = 14 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.5


class Device(msgspec.Struct, array_like=True):
    """`first` and `last` sign of life, whole seconds since 1970; the mean and the longest gap as of `last`."""

    first: int
    last: int
    gaps: int = 0
    mean_s: float = 0.0
    longest_s: float = 0.0


class DeviceState(State):
    """Devices that should report."""

    devices: dict[str, Device] = {}


class SilentDevice(Detector[DeviceParams, DeviceState]):
    """Knows each device's own rhythm. The alarm is moved when it rings, not with every sign of life.

    Time is how far the feed was read: when the feed itself is silent, no device is.
    """

    name = "silent_device"
    listens_to = (DeviceReported,)
    clock = ("telemetry.v1",)
    params_type = DeviceParams
    state_type = DeviceState
    floor = "an hour without a sign of life, six times the usual gap and half as long again as the longest of late"
    warm_up = "20 signs of life over three days"

    def observe(self, state: DeviceState, event: Event, moment: Moment) -> Iterable[Output]:
        """A sign of life."""
        if type(event) is not DeviceReported:
            return ()
        name, device = event.data.device_id, state.devices.get(event.data.device_id)
        if event.data.leaving:
            return () if state.devices.pop(name, None) is None else (over(name, "switched off"), Cancel(name))
        second = int(moment.now)
        if device is None:
            return self._met(state, name, second)
        gap = second - device.last
        if gap <= 0:  # it came late
            return ()
        allowed_s = self._allowed_s(device)
        self._learn(device, gap, allowed_s)
        device.last = second
        return (over(name, "back"),) if gap >= allowed_s else ()

    def due(self, state: DeviceState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """Whether it is silent by now."""
        name, device = alarm.object, state.devices.get(alarm.object)
        if device is None:
            return ()
        silent_s, allowed_s = moment.now - device.last, self._allowed_s(device)
        if silent_s < allowed_s:
            return (Alarm(name, device.last + allowed_s),)
        if silent_s >= self.params.give_up_s:
            del state.devices[name]
            return (over(name, "gone"),)
        following = device.last + allowed_s
        while following <= moment.now:  # once, twice, four times as long
            following += following - device.last
        return (
            self._reading(name, device, silent_s, allowed_s),
            Alarm(name, min(following, device.last + self.params.give_up_s)),
        )

    def evidence(self, state: DeviceState, reading: Reading, moment: Moment) -> Evidence:
        """Since when it is silent, and how often it reported before."""
        device = state.devices.get(reading.object)
        facts = {"device_id": reading.object, "stage": reading.stage}
        if device is None or reading.over:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        return Evidence(
            since=instant(device.last),
            expected=f"a sign of life about every {_spoken(device.mean_s)}",
            actual=f"none for {_spoken(moment.now - device.last)}",
            factors=reading.factors(),
            facts=facts | {"usual": _spoken(device.mean_s)},
        )

    def _met(self, state: DeviceState, name: str, second: int) -> list[Output]:
        device = state.devices[name] = Device(second, second)
        said: list[Output] = [Alarm(name, second + self._allowed_s(device))]
        while len(state.devices) > MOST_DEVICES:
            longest_silent = min(state.devices, key=lambda other: (state.devices[other].last, other))
            del state.devices[longest_silent]
            said += (over(longest_silent, "forgotten"), Cancel(longest_silent))
        return said

    def _allowed_s(self, device: Device) -> float:
        params, gaps = self.params, device.gaps
        mean_s = (gaps * device.mean_s + params.usual_weight * params.usual_s) / (gaps + params.usual_weight)
        return max(params.floor_s, params.times_usual * mean_s, params.times_longest * device.longest_s)

    def _learn(self, device: Device, gap: float, allowed_s: float) -> None:
        """Once it is known, a gap that was trouble counts as long as just allowed: an outage is not usual at once."""
        bounded = min(gap, allowed_s) if self._is_known(device) else gap
        device.gaps = min(device.gaps + 1, self.params.fades_over)
        device.mean_s += (bounded - device.mean_s) / device.gaps
        faded = device.longest_s * 0.5 ** (gap / self.params.longest_half_life_s)
        device.longest_s = bounded if bounded > faded else faded

    def _reading(self, name: str, device: Device, silent_s: float, allowed_s: float) -> Reading:
        times = silent_s / allowed_s
        score = self.params.steepness * (times - 1.0) + 0.3
        return Reading(
            object=name,
            look="silent",
            score=score,
            probability=probability(score),
            severity="high" if times >= 4.0 else "medium",
            stage="silent",
            warm=self._is_known(device),
            features=({"times_allowed": times},),
        )

    def _is_known(self, device: Device) -> bool:
        return device.gaps >= self.params.known_gaps and device.last - device.first >= self.params.known_for_s

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Every quarter of an hour for four days, then nothing for five hours."""
        return _silent_for(300)

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Switched off for eight hours each night; once, by day, silent for half an hour; at last it says goodbye."""
        day = 24 * 60
        minutes = [d * day + minute for d in range(5) for minute in range(0, 16 * 60, 15) if (d, minute) != (4, 300)]
        events: list[Event] = []
        for minute in minutes:
            events.append(_report(minute))
            events.append(scenes.tick("telemetry.v1", minute))
        return [*events, _report(5 * day, leaving=True), scenes.tick("telemetry.v1", 9 * day)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Silent for longer and longer."""
        return [_silent_for(minutes) for minutes in (100, 200, 400, 800, 1600)]


def _silent_for(minutes: int) -> list[Event]:
    last = 4 * 24 * 60
    return [*(_report(minute) for minute in range(0, last + 1, 15)), scenes.tick("telemetry.v1", last + minutes)]


def _report(minute: int, *, leaving: bool = False) -> DeviceReported:
    data = DeviceReportedData(device_id="heating-2", leaving=leaving)
    return DeviceReported(
        id=f"dv-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data
    )


def _spoken(seconds: float) -> str:
    minutes = max(1, round(seconds / 60.0))
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
