"""Trouble: a device that the customer relies on does not work any more, and they may not have noticed."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from detectors.season import HOURS, awake_s, awake_until, heard
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

    When it is known for `week_known_s`, all of this is counted in the hours of the customer's own week in which it was
    heard of a week ago: who switches it off for the weekend is not asked about it each Saturday, and a device that is
    off at night need not be silent for a whole day before somebody asks.
    """

    floor_s: Annotated[float, Meta(ge=60.0, le=2592000.0)] = 3_600.0
    times_usual: Annotated[float, Meta(ge=1.0, le=100.0)] = 6.0
    times_longest: Annotated[float, Meta(ge=0.5, le=20.0)] = 1.5
    longest_half_life_s: float = 14 * DAY_S
    usual_s: float = 900.0
    usual_weight: float = 5.0
    known_gaps: Annotated[int, Meta(ge=1, le=1000)] = 20
    known_for_s: float = 3 * DAY_S
    week_known_s: Annotated[float, Meta(ge=7 * DAY_S, le=400 * DAY_S)] = 10 * DAY_S
    fades_over: int = 200
    give_up_s: float = 14 * DAY_S
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.5


class Device(msgspec.Struct, array_like=True):
    """`first` and `last` sign of life, whole seconds since 1970; the mean and the longest gap as of `last`.

    `week` tells of each hour of the week whether it was heard of when that hour came last; `rest_s` is the longest gap
    in those hours alone.
    """

    first: int
    last: int
    gaps: int = 0
    mean_s: float = 0.0
    longest_s: float = 0.0
    week: bytes = b""
    rest_s: int = 0


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
        if second <= device.last:  # it came late
            return ()
        week = self._week(device)
        allowed_s = self._allowed_s(device, week)
        silent_s = _awake_s(week, device.last, second, moment.zone)
        self._learn(device, second, moment.zone)
        return (over(name, "back"),) if silent_s >= allowed_s else ()

    def due(self, state: DeviceState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """Whether it is silent by now."""
        name, device = alarm.object, state.devices.get(alarm.object)
        if device is None:
            return ()
        latest = device.last + self.params.give_up_s
        if moment.now >= latest:
            del state.devices[name]
            return (over(name, "gone"),)
        week = self._week(device)
        silent_s, allowed_s = _awake_s(week, device.last, moment.now, moment.zone), self._allowed_s(device, week)
        until_s = allowed_s
        while until_s <= silent_s:  # once, twice, four times as long
            until_s *= 2.0
        following = max(moment.now + 1.0, awake_until(week, device.last, until_s, moment.zone, latest))
        if silent_s < allowed_s:
            return (Alarm(name, following),)
        return (self._reading(name, device, silent_s, allowed_s), Alarm(name, following))

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
        said: list[Output] = [Alarm(name, second + self._allowed_s(device, b""))]
        while len(state.devices) > MOST_DEVICES:
            longest_silent = min(state.devices, key=lambda other: (state.devices[other].last, other))
            del state.devices[longest_silent]
            said += (over(longest_silent, "forgotten"), Cancel(longest_silent))
        return said

    def _week(self, device: Device) -> bytes:
        """Its week, once that is known."""
        return device.week if device.last - device.first >= self.params.week_known_s else b""

    def _allowed_s(self, device: Device, week: bytes) -> float:
        params, gaps = self.params, device.gaps
        mean_s = (gaps * device.mean_s + params.usual_weight * params.usual_s) / (gaps + params.usual_weight)
        longest_s = device.rest_s if week else device.longest_s
        return max(params.floor_s, params.times_usual * mean_s, params.times_longest * longest_s)

    def _learn(self, device: Device, second: int, zone: str) -> None:
        """Once it is known, a gap that was trouble counts as long as just allowed: an outage is not usual at once."""
        params, gap, allowed_s = self.params, second - device.last, self._allowed_s(device, b"")
        bounded = min(gap, allowed_s) if self._is_known(device) else gap
        device.gaps = min(device.gaps + 1, params.fades_over)
        device.mean_s += (bounded - device.mean_s) / device.gaps
        left = 0.5 ** (gap / params.longest_half_life_s)
        device.longest_s = max(bounded, left * device.longest_s)
        if second - device.first >= HOURS * 3600:  # each hour of the week has been there
            awake = _awake_s(device.week, device.last, second, zone)
            device.rest_s = int(max(min(awake, self._allowed_s(device, device.week)), left * device.rest_s))
        device.week = heard(device.week, device.last, second, zone)
        device.last = second

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


def _awake_s(week: bytes, since: float, until: float, zone: str) -> float:
    """Within an hour nobody tells hours apart: that is how most reports come."""
    return until - since if until - since <= 3600.0 else awake_s(week, since, until, zone)


def _spoken(seconds: float) -> str:
    minutes = max(1, round(seconds / 60.0))
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
