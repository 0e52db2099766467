"""A detector that freezes and labels, and examples as it would make them, for tests of learning."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from math import isnan, nan

import numpy as np

from detectors.detector import Detector, Params, State
from detectors.examples import event_of
from detectors.learning.lesson import Boosted, Lesson, Online
from detectors.learning.partition import Example
from detectors.readings import Alarm, Freeze, Label, Moment, Output, Reading
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.issues import Evidence

START = datetime(2013, 2, 8, tzinfo=UTC)
DAY_S = 86_400.0
LESSON = Lesson(
    model="calls_again",
    names=("loud", "calls", "odd"),
    online=Online(rate=0.1, token_bits=8),
    boosted=Boosted(every_s=5 * DAY_S, kept=2, rounds=10, leaves=4, least_in_leaf=5, columns=1.0),
    least=50,
)


class CallState(State):
    calls: int = 0
    open: dict[str, float] = {}


class CallsAgain(Detector[Params, CallState]):
    """After a first call: will there be a second one within a day? `contact_id` holds how loud the first one was."""

    name = "calls_again"
    listens_to = (CareContactOpened,)
    clock = ("care.v1",)
    params_type = Params
    state_type = CallState
    learns = (LESSON,)
    floor = "a call"
    warm_up = "fifty calls of anybody"

    def observe(self, state: CallState, event: Event, moment: Moment) -> Iterable[Output]:
        assert isinstance(event, CareContactOpened)
        state.calls += 1
        for thing in list(state.open):
            yield Label(self.name, thing, 1.0)
            del state.open[thing]
        learned = moment.knowledge.model(self.name)
        values = (float(event.data.contact_id), float(state.calls), nan if state.calls % 3 else 1.0)
        score = 0.0 if learned is None else learned.snapshot.score(values, (event.data.via,))
        probability = 0.1 if learned is None else learned.snapshot.probability(score)
        state.open[event.id] = moment.now
        yield Reading(object=event.id, look="call", score=score, probability=probability)
        yield Freeze(
            model=self.name, object=event.id, values=values, tokens=(event.data.via,), ripe_at=moment.now + DAY_S,
            expires_at=moment.now + 3 * DAY_S, probability=probability,
        )  # fmt: skip
        yield Alarm(event.id, moment.now + DAY_S)

    def due(self, state: CallState, alarm: Alarm, moment: Moment) -> Iterable[Output]:
        if state.open.pop(alarm.object, None) is not None:
            yield Label(self.name, alarm.object, 0.0)

    def evidence(self, state: CallState, reading: Reading, moment: Moment) -> Evidence:
        return Evidence(since=START, expected="one call", actual=f"{state.calls} calls")

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        return []

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        return []

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        return []


def calls(count: int, seed: int = 1) -> Iterator[Event]:
    """Calls of many customers over weeks; who is loud, or calls by phone, calls again more often."""
    rng = np.random.default_rng(seed)
    waiting: list[tuple[float, int, str, str]] = []
    at = 0.0
    for number in range(count):
        at += 1800.0
        loud, via = float(rng.normal()), str(rng.choice(("phone", "mail")))
        waiting.append((at, number, f"c-{number % 400}-{number}", via))
        yield _call(number, at, waiting[-1][2], loud, via)
        if rng.random() < 1 / (1 + np.exp(2.0 - 2.0 * loud - (via == "phone"))):
            yield _call(number, at + 600.0, waiting[-1][2], 0.0, "mail", "again")


def _call(number: int, at: float, customer: str, loud: float, via: str, again: str = "") -> CareContactOpened:
    data = CareContactOpenedData(contact_id=f"{loud:.6f}", via=via)
    time = START + timedelta(seconds=at)
    return CareContactOpened(id=f"call-{number}{again}", source="test", subject=customer, time=time, data=data)


def examples(count: int, *, seed: int = 1, partitions: int = 3, width: int = 3) -> list[Example]:
    """A log of examples over 40 days: a value decides, labels come a day or so later, some never."""
    rng = np.random.default_rng(seed)
    log: list[tuple[float, str, Freeze | Label]] = []
    for number in range(count):
        at = START.timestamp() + 40 * DAY_S * number / count
        values = tuple(nan if rng.random() < 0.1 else float(rng.normal()) for _ in range(width))
        token = str(rng.choice(("phone", "mail")))
        logit = -1.0 + (0.5 if isnan(values[0]) else 2.0 * values[0]) + (token == "phone")
        trouble = float(rng.random() < 1 / (1 + np.exp(-logit)))
        frozen = Freeze(
            model="calls_again", object=f"o-{number}", values=values, tokens=(token,), ripe_at=at + DAY_S,
            expires_at=at + 4 * DAY_S,
        )  # fmt: skip
        source = str(number % partitions)
        log.append((at, source, frozen))
        if rng.random() < 0.95:
            log.append((at + DAY_S * (0.2 + 2 * rng.random()), source, Label("calls_again", f"o-{number}", trouble)))
    log.sort(key=lambda one: one[0])
    return [
        event_of(one, f"{source}-{place}-0", datetime.fromtimestamp(at, UTC))
        for place, (at, source, one) in enumerate(log)
    ]
