"""Trouble: the customer uses far less than they used to: something stands in their way, and they leave in silence."""

from collections.abc import Iterable
from math import sqrt
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.odds import dated, over, probability
from detectors.readings import Alarm, Cancel, Moment, Output, Reading
from detectors.season import begins, day_of, weekday
from models.events.base import Event
from models.events.usage_counted import UsageCounted, UsageCountedData
from models.instants import instant
from models.issues import Evidence

DAY_S, WEEK = 86_400, 7
MOST_METRICS = 2


class UsageParams(Params, frozen=True):
    """The last `days` against the customer's own days before them, weekday by weekday, on their own calendar.

    Two weeks, because one is a holiday. It opens when the use fell by `drop` or more (with a holiday and a busy week
    in it, a fortnight still has a third of its use) and by `deviations` of what two weeks of this customer vary by
    beside their usual week, and was at least `least` before: who hardly uses it loses nothing. `usual_weight` units of
    no change are added on both sides, so that small numbers move little. `known_days` days must have gone by before
    the two weeks. After `settle_days` the new level is the usual one.
    """

    days: int = 14
    drop: Annotated[float, Meta(ge=0.05, le=1.0)] = 0.7
    deviations: Annotated[float, Meta(ge=0.5, le=10.0)] = 3.0
    least: Annotated[int, Meta(ge=1, le=10000)] = 28
    usual_weight: float = 7.0
    known_days: int = 28
    fades_over: int = 90
    week_weight: Annotated[float, Meta(ge=0.0, le=1e6)] = 1.0
    """A weekday is taken to be like all days until it was there more often than so."""
    settle_days: int = 60
    late_s: float = 21_600.0
    """Counts of a day may come so much later."""
    steepness: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0


class Use(msgspec.Struct, array_like=True):
    """`day` is under way (days since 1970) with `today` counted; `recent` are the days before it, oldest first.

    `mean` per day is over the `known` days before those, `week` is the same by weekday, `variance` what days vary by
    around it. `low` is the day when the drop was first seen.
    """

    day: int
    today: int = 0
    recent: list[int] = []
    known: int = 0
    mean: float = 0.0
    variance: float = 0.0
    low: int = 0
    week: list[float] = []


class UsageState(State):
    """What is used, by metric."""

    uses: dict[str, Use] = {}


class UsageDrop(Detector[UsageParams, UsageState]):
    """Closes a day when its counts must be in, also when none came: no use is the worst of drops."""

    name = "usage_drop"
    listens_to = (UsageCounted,)
    clock = ("telemetry.v1",)
    params_type = UsageParams
    state_type = UsageState
    floor = "two weeks with less than a third of the usual use, where that was 28 or more"
    warm_up = "28 days of their own before the two weeks"

    def observe(self, state: UsageState, event: Event, moment: Moment) -> Iterable[Output]:
        """Add it to its day."""
        if type(event) is not UsageCounted:
            return ()
        metric, day = short(event.data.metric), day_of(moment.now, moment.zone)
        use = state.uses.get(metric)
        if use is None:
            return self._met(state, metric, Use(day, event.data.amount), moment.zone)
        if day == use.day:
            use.today += event.data.amount
            return ()
        if day < use.day:
            if use.day - day <= len(use.recent):
                use.recent[day - use.day] += event.data.amount
            return ()
        self._close(use, day)
        use.today = event.data.amount
        return self._look(metric, use)

    def due(self, state: UsageState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        """Close the days that must be in by now."""
        metric, use = alarm.object, state.uses.get(alarm.object)
        if use is None:
            return ()
        at = alarm.at - self.params.late_s
        day = day_of(at, moment.zone)  # one day at a time, however far the clock has jumped
        said: list[Output] = []
        if day > use.day:
            self._close(use, day)
            said = self._look(metric, use)
        if use.known >= self.params.settle_days and not use.mean >= 1.0 and not any(use.recent):
            del state.uses[metric]  # nothing was used for months: nothing is expected any more
            return said
        return [*said, Alarm(metric, max(begins(use.day + 1, moment.zone), at + 1.0) + self.params.late_s)]

    def evidence(self, state: UsageState, reading: Reading, moment: Moment) -> Evidence:
        """How much was usual, and how much it was."""
        metric = reading.object[: -len("-2013-02-08")]
        facts = {"about": reading.object, "stage": reading.stage, "metric": metric.replace("_", " ")}
        use = state.uses.get(metric)
        if use is None or reading.over:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        usual, now = str(round(self._usual(use))), str(sum(use.recent))
        return Evidence(
            since=instant(begins(max(0, use.day - len(use.recent)), moment.zone)),
            expected=f"about {usual} {facts['metric']} in {len(use.recent)} days",
            actual=f"{now} {facts['metric']}",
            factors=reading.factors(),
            facts=facts | {"usual": usual, "now": now, "days": str(len(use.recent))},
        )

    def _met(self, state: UsageState, metric: str, use: Use, zone: str) -> list[Output]:
        said: list[Output] = [Alarm(metric, begins(use.day + 1, zone) + self.params.late_s)]
        state.uses[metric] = use
        while len(state.uses) > MOST_METRICS:
            oldest = min(state.uses, key=lambda other: (state.uses[other].known, state.uses[other].day, other))
            gone = state.uses.pop(oldest)
            said += (*([over(dated(oldest, gone.low * DAY_S), "forgotten")] if gone.low else []), Cancel(oldest))
        return said

    def _close(self, use: Use, until: int) -> None:
        """End all days before `until`; more than a fortnight of them at once are as good as a fortnight."""
        for _ in range(min(until - use.day, 2 * self.params.days)):
            use.recent.append(use.today)
            use.today = 0
            use.day += 1
            if len(use.recent) > self.params.days:
                self._learn(use, use.recent.pop(0))
        use.day = until

    def _learn(self, use: Use, amount: int) -> None:
        """A day that has left the fortnight is the past that the next ones are compared with."""
        if use.low and use.day - use.low < self.params.settle_days:
            return
        on = weekday(use.day - len(use.recent) - 1)
        away = amount - self._expected(use, on)
        use.known = min(use.known + 1, self.params.fades_over)
        use.mean += (amount - use.mean) / use.known
        use.week = use.week or [use.mean] * WEEK
        use.week[on] += (amount - use.week[on]) / self._weeks(use)
        use.variance += (away * (amount - self._expected(use, on)) - use.variance) / use.known

    @staticmethod
    def _weeks(use: Use) -> int:
        """How often each weekday was there, about."""
        return (use.known + WEEK - 1) // WEEK

    def _expected(self, use: Use, on: int) -> float:
        """Of one weekday."""
        if not use.week:
            return use.mean
        weeks, weight = self._weeks(use), self.params.week_weight
        return (weeks * use.week[on] + weight * use.mean) / (weeks + weight)

    def _usual(self, use: Use) -> float:
        """Of days like the recent ones."""
        return sum(self._expected(use, weekday(use.day - ago)) for ago in range(1, len(use.recent) + 1))

    def _look(self, metric: str, use: Use) -> list[Output]:
        params = self.params
        if not use.known:
            return []
        usual, now = self._usual(use), sum(use.recent)
        drop = 1.0 - (now + params.usual_weight) / (usual + params.usual_weight)
        spread = sqrt(len(use.recent) * max(use.variance, use.mean, 1.0))
        score = params.steepness * min((drop - params.drop) / 0.1, (usual - now) / spread - params.deviations)
        warm = use.known >= params.known_days and usual >= params.least
        if use.low and score < -1.0:
            low, use.low = use.low, 0
            return [over(dated(metric, low * DAY_S), "used again")]
        if score > 0.0 and not use.low and 2 * use.known >= params.known_days:
            use.low = use.day  # also when it is too early to speak: days of a drop are no past to compare with
        return [self._reading(dated(metric, (use.low or use.day) * DAY_S), score, drop, warm=warm)]

    @staticmethod
    def _reading(thing: str, score: float, drop: float, *, warm: bool) -> Reading:
        return Reading(
            object=thing,
            look="day",
            score=score,
            probability=probability(score),
            severity="medium",
            stage="low",
            warm=warm,
            features=({"drop": drop},),
        )

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Ten weeks of ten a day, then one a day."""
        return [*_days(0, 70, 10), *_days(70, 85, 1), scenes.tick("telemetry.v1", 86 * 1440)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Ten weeks of ten a day, a week away, and on it goes."""
        return [*_days(0, 70, 10), *_days(77, 90, 9), scenes.tick("telemetry.v1", 91 * 1440)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """Two weeks of less and less."""
        return [[*_days(0, 70, 20), *_days(70, 85, left)] for left in (20, 12, 8, 5, 2, 0)]


def _days(begin: int, end: int, amount: int) -> list[Event]:
    data = UsageCountedData(metric="plays", amount=amount)
    return [
        UsageCounted(id=f"us-{day}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(day * 1440), data=data)
        for day in range(begin, end)
    ]
