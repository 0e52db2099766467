"""Trouble: something that is measured of the customer, or of an entity, behaves as it never did."""

from collections.abc import Iterable
from math import exp, log, sin, tau

import msgspec

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.odds import dated, over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from detectors.telemetry.cadence import Cadence
from detectors.telemetry.habituation import Habits, Habituation
from detectors.telemetry.mixing import by_kind, mixed
from detectors.telemetry.senses import Senses
from models.events.base import Event
from models.events.metric_measured import MetricMeasured, MetricMeasuredData
from models.fields import Share
from models.instants import instant
from models.issues import Evidence, Severity

MOST_METRICS = 4
LARGEST = 1e15
WHY = {
    "new_value": "such a value has hardly been seen",
    "unlike_this_hour": "it is unlike this time of the days before",
    "new_pattern": "it never went like this",
    "moved": "its level has moved",
    "restless": "it has never been as restless, or as still",
}


class UnusualParams(Params, frozen=True):
    """A peak of surprise is worth a probability; other rows `standing` x the mean of what is left and what is seen.

    Peaks fade over twice the silence after one, at most `stands_s`; a trouble is over when none that opens came for so
    long. The probability of a peak is logistic in the logarithm of its worth, a half at `half_at`, with slope
    `steepness`; from `severe_at` on it is severe. In the first `warm_rows`, and for `warm_s` or `warm_at_most` rows, no
    peak counts for more than another row. `silent_s`, `silent_share`, `silent_rows`, `again`, `habit`, `peaks` and
    `fades_s`: see `Habits`.
    """

    open_at: Share = 0.5
    close_at: Share = 0.001
    update_step: float = 1.0
    silent_s: float = 57_600.0
    silent_share: float = 0.04
    silent_rows: int = 40
    again: float = 1.7
    habit: float = 1.0
    peaks: int = 24
    fades_s: float = 60 * 86_400.0
    half_at: float = 0.22
    steepness: float = 1.0
    severe_at: float = 0.8
    standing: float = 0.1
    stands_s: float = 86_400.0
    warm_rows: int = 150
    warm_s: float = 1.5 * 86_400.0
    warm_at_most: int = 432


class Metric(msgspec.Struct, array_like=True):
    """One metric: `peak` is the probability of the last peaks, `run` names the trouble that stands, if any does.

    `opened` is when a peak last opened it, or would have. `severe` is kept while it stands: what is left of a peak is
    no milder trouble.
    """

    senses: Senses = msgspec.field(default_factory=Senses)
    habit: Habituation = msgspec.field(default_factory=Habituation)
    peak: float = 0.0
    run: str = ""
    opened: float = 0.0
    severe: bool = False
    value: float = 0.0


class UnusualState(State):
    """By metric, at most four, of at most 30 KB each: no other detector remembers so much of a subject."""

    metrics: dict[str, Metric] = {}


class UnusualMetric(Detector[UnusualParams, UnusualState]):
    """Gives a reading at every row: a peak when something unusual begins, else what stands of the last one."""

    name = "unusual_metric"
    listens_to = (MetricMeasured,)
    clock = ("telemetry.v1",)
    params_type = UnusualParams
    state_type = UnusualState
    floor = "a metric unlike all its past in several ways at once; up to 16 hours of silence after each peak"
    warm_up = "150 measurements of the metric over a day and a half, or 432"

    def prepare(self) -> None:
        """Take the habits out of the parameters."""
        names = Habits.__struct_fields__
        self._habits = Habits(**{name: getattr(self.params, name) for name in names})

    def observe(self, state: UnusualState, event: Event, moment: Moment) -> Iterable[Output]:
        """Take in a row, and say how unusual it is."""
        if type(event) is not MetricMeasured:
            return ()
        name, now = event.data.metric, moment.now
        metric = state.metrics.get(name) or self._met(state, name, now)
        if metric is None:
            return ()
        metric.value = max(-LARGEST, min(LARGEST, event.data.value))
        surprises = metric.senses.take(now, metric.value)
        cadence = metric.senses.cadence
        score, left = mixed(surprises), self._left(metric, now)
        worth = metric.habit.take(now, score, self._habits.silence(cadence), self._habits)
        warm = self._is_warm(cadence)
        said = self._settled(metric, now)
        if worth is None:
            return [*said, self._row(metric, name, (left + self._probability(score)) / 2, warm=warm)]
        return said + self._peak(metric, name, now, (worth, left), by_kind(surprises), warm=warm)

    def due(self, state: UnusualState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """It has been quiet for as long as a peak is remembered: the trouble is over, or it is how things are now."""
        for metric in state.metrics.values():
            if metric.run == alarm.object:
                metric.run, metric.severe = "", False
        return (over(alarm.object, "settled"),)

    def evidence(self, state: UnusualState, reading: Reading, moment: Moment) -> Evidence:
        """What it is, what it usually is at this time, and in which way it is new."""
        facts = {"about": reading.object, "stage": reading.stage}
        found = [(name, metric) for name, metric in state.metrics.items() if metric.run == reading.object]
        if reading.over or not found or not reading.features:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        (name, metric), factors = found[0], reading.factors()
        why, usual, now = (
            WHY[max(factors, key=lambda kind: factors[kind])],
            _usual(metric, moment.now),
            f"{metric.value:.4g}",
        )
        return Evidence(
            since=instant(moment.now),
            expected=f"{name}: usually {usual}",
            actual=f"{name}: {now}; {why}",
            factors=factors,
            facts=facts | {"metric": name.replace("_", " "), "usual": usual, "now": now, "why": why},
        )

    def _settled(self, metric: Metric, now: float) -> list[Output]:
        """What is to be said when a trouble has had its time; mostly the alarm has said so before."""
        if not metric.run or now - metric.opened < self._stands_s(metric):
            return []
        run, metric.run, metric.severe = metric.run, "", False
        return [over(run, "settled"), Cancel(run)]

    def _met(self, state: UnusualState, name: str, now: float) -> Metric | None:
        """A new metric, when there is room for it: one that was not measured for long makes some."""
        for other, metric in list(state.metrics.items()):
            if metric.senses.cadence.last < now - self.params.fades_s and not metric.run:
                del state.metrics[other]
        if len(state.metrics) >= MOST_METRICS:
            return None
        return state.metrics.setdefault(name, Metric())

    def _peak(
        self, metric: Metric, name: str, now: float, worth: tuple[float, float], kinds: dict[str, float], *, warm: bool
    ) -> list[Output]:
        """A probability by its worth, which comes with what was left of former ones."""
        params = self.params
        peak = self._probability(worth[0]) * (1.0 if warm else params.standing)
        metric.peak = max(peak, worth[1])
        said: list[Output] = []
        if warm and peak >= params.open_at:
            metric.run, metric.opened = metric.run or dated(short(name), now), now
            said.append(Alarm(metric.run, now + self._stands_s(metric)))
        metric.severe = bool(metric.run) and (metric.severe or peak >= params.severe_at)
        features = {kind: params.steepness * value for kind, value in kinds.items()}
        said.append(
            Reading(
                object=metric.run or name, look="peak", score=log(peak / (1.0 - peak)), probability=peak,
                severity=_severity(metric),
                stage="unusual", warm=warm, features=(features,),
            )
        )  # fmt: skip
        return said

    def _probability(self, worth: float) -> float:
        return probability(self.params.steepness * log(worth / self.params.half_at))

    def _left(self, metric: Metric, now: float) -> float:
        """What is left of the last peaks."""
        return metric.peak * exp(-max(0.0, now - metric.habit.at) / self._stands_s(metric))

    def _stands_s(self, metric: Metric) -> float:
        return max(1.0, min(self.params.stands_s, 2.0 * self._habits.silence(metric.senses.cadence)))

    def _is_warm(self, cadence: Cadence) -> bool:
        params, known_s = self.params, cadence.last - cadence.first
        return cadence.rows > params.warm_rows and (known_s >= params.warm_s or cadence.rows > params.warm_at_most)

    def _row(self, metric: Metric, name: str, unusual: float, *, warm: bool) -> Reading:
        """A row that is no peak: nothing begins here, however unusual it still is."""
        left = max(1e-6, self.params.standing * unusual)
        return Reading(
            object=metric.run or name, look="row", score=log(left / (1.0 - left)), probability=left,
            severity=_severity(metric), stage="unusual", warm=warm,
        )  # fmt: skip

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Two days of a wave with some noise, then far above it."""
        return [*_wave(0, 192), *_wave(192, 195, 30.0)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Three days of the wave; its highest hour comes every day."""
        return [*_wave(0, 288), scenes.tick("telemetry.v1", 289 * 15)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Two days of the wave, then one row further and further above it."""
        return [[*_wave(0, 192), *_wave(192, 193, more)] for more in (4.0, 8.0, 16.0, 32.0, 64.0)]


def _severity(metric: Metric) -> Severity:
    return "high" if metric.severe else "medium"


def _usual(metric: Metric, now: float) -> str:
    """What it was at this time of the days before, or what it is on the whole."""
    days = metric.senses.hour.usual(now)
    if len(days) > 1:
        low, high = min(days), max(days)
        return f"{low:.4g} to {high:.4g} at this time" if f"{low:.4g}" != f"{high:.4g}" else f"{low:.4g} at this time"
    return f"about {metric.senses.of_value.mean:.4g}"


def _wave(begin: int, end: int, more: float = 0.0) -> list[Event]:
    """Rows of every quarter of an hour, `more` above what is usual."""
    return [
        MetricMeasured(
            id=f"mm-{row}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(row * 15),
            data=MetricMeasuredData(
                metric="latency_ms", value=50.0 + 10.0 * sin(tau * row / 96) + (row * 37 % 11) / 5.0 + more
            ),
        )
        for row in range(begin, end)
    ]  # fmt: skip
