"""Many customers, one cause: found before anything is sent, and each is told once, with the cause in it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from desk.offline import House
from desk.sources.feed import feed
from detectors.catalogue import all_detectors
from detectors.orders.stories import DEPARTS, delivered, departed, known, placed, tick
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from ledger.database import Ledger
from models.events.base import Event
from models.events.cause_changed import CauseChange, CauseChanged, CauseChangedData
from models.events.entity_measured import EntityMeasured, EntityMeasuredData
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.issues import Issue
from notifiers.rendering import render
from tests.outreach import NOW, address, consent, new_ledger, remember
from tests.scenarios.test_told_once import goes_by, trouble

SENTENCE = "Many departures from EWR are affected"
HOUR = timedelta(hours=1)


def cause(change: CauseChange, minutes: float, rate: float = 0.6, **shared: str) -> CauseChanged:
    at = DEPARTS + timedelta(minutes=minutes)
    data = CauseChangedData(
        change=change, family="orders_hours", rate=rate, expected=0.1, since=at, opened_at=at,
        stands_until=at + 4 * HOUR, cases=9, entities=shared or {"airport": "EWR"},
    )  # fmt: skip
    return CauseChanged(id=f"{change}-{minutes:g}", source="context", subject="cause:1", time=at, data=data)


def told(events: list[Event], *, restart: bool = False) -> Outputs:
    detectors = [one for one in all_detectors() if one.name == "late_delivery"]
    pipeline, whole = Pipeline(detectors, 0, keep_signals=True), Outputs()
    states: dict[bytes, bytes | None] = {}
    for offset, event in enumerate(events):
        if restart:
            states.update(pipeline.drain().states)
            pipeline = Pipeline(detectors, 0, keep_signals=True)
            for key, value in states.items():
                if value is not None:
                    pipeline.load(key, value)
        pipeline.apply(event, offset)
        outputs = pipeline.drain()
        states.update(outputs.states)
        whole.issues += outputs.issues
        whole.signals += outputs.signals
        whole.cases += outputs.cases
        assert outputs.failures == []
    return whole


def an_hour_before(*causes: CauseChanged) -> list[Event]:
    return [placed(), *known(0.9), *causes, tick(-60)]


@pytest.mark.parametrize("restart", [False, True])
def test_a_customer_of_an_open_cause_is_told_of_it_and_thought_more_likely_to_be_late(restart: bool) -> None:
    [alone], [shared] = (told(an_hour_before(*one), restart=restart).issues for one in ((), (cause("opened", -65),)))
    assert shared.probability > alone.probability
    assert (shared.cause, alone.cause) == ("cause:1", "")
    assert shared.evidence.facts["cause"] == SENTENCE
    assert "cause.lift" in shared.evidence.factors
    letter = render(shared, name="Ada", locale="en-US", zone="America/New_York")
    assert f"{SENTENCE} at the moment." in " ".join(letter.text.split())
    assert "affected" not in render(alone, name="Ada", locale="en-US", zone="America/New_York").text


@pytest.mark.parametrize(
    "faded",
    [cause("opened", -180), cause("opened", -65, rate=0.2)],  # nothing was heard of it for two hours, or it is small
)
def test_a_customer_is_told_of_a_cause_only_while_it_is_surely_so(faded: CauseChanged) -> None:
    [issue] = told(an_hour_before(faded)).issues
    assert issue.cause == "cause:1"
    assert "cause" not in issue.evidence.facts
    assert "affected" not in render(issue, name="Ada", locale="en-US", zone="America/New_York").text


@pytest.mark.parametrize(
    "causes",
    [
        [cause("opened", -65), cause("closed", -62)],
        [cause("opened", -65, airport="JFK")],
        [cause("opened", -360)],  # nothing was heard of it since, for longer than it stands
    ],
)
def test_a_cause_that_is_over_elsewhere_or_stale_is_none_of_theirs(causes: list[CauseChanged]) -> None:
    [issue] = told(an_hour_before(*causes)).issues
    assert issue.cause == ""


def test_a_cause_does_not_feed_on_itself() -> None:
    alone, shared = (
        told([*an_hour_before(*one), tick(16), tick(46), departed(50)]) for one in ((), (cause("opened", -65),))
    )
    assert [one.data.bad for one in shared.cases] == [one.data.bad for one in alone.cases]
    assert [one.data.entities["airport"] for one in alone.cases] == ["EWR"] * 3


def cases_of(*events: Event) -> list[tuple[str, bool]]:
    """Looks at which an order of hours is a case, and whether it is then a customer more."""
    return [(one.data.look, one.data.first) for one in told([placed(), *events]).cases]


def test_an_order_of_hours_is_a_case_when_it_takes_a_step_and_each_time_it_is_found_not_to_have() -> None:
    before = [tick(-180), tick(-60), tick(-30), tick(5)]
    assert cases_of(*before, departed(10), tick(60), delivered(178)) == [("due", False)]
    assert cases_of(*before, tick(16), tick(46), departed(120)) == [("due", True), ("due", False), ("due", False)]
    on_time, late = (told([placed(), departed(minutes)]).cases[0].data.bad for minutes in (0, 120))
    assert on_time < 0.1 < 0.8 < late


def test_an_order_of_hours_without_steps_is_a_case_shortly_before_its_promise() -> None:
    plain = placed()
    assert isinstance(plain, OrderPlaced)
    without = msgspec.structs.replace(plain, data=msgspec.structs.replace(plain.data, steps=[]))
    found = told([without, *(tick(minutes) for minutes in (0, 121, 151))])
    assert [one.data.look for one in found.cases] == ["soon", "soon"]


def flight(number: int, airport: str, hours: float, late_h: float) -> list[Event]:
    """Placed a day ahead; two hours in the air; so many hours late from the start."""
    name, departs = f"F{number}-{airport}", DEPARTS + hours * HOUR
    order = OrderPlacedData(
        order_id=name, promised_by=departs + 2 * HOUR, entities={"airport": airport},
        steps=[PlannedStep(name="departed", due=departs)],
    )  # fmt: skip
    step, end = OrderStepData(order_id=name, step="departed"), OrderDeliveredData(order_id=name)
    left = departs + late_h * HOUR
    return [
        OrderPlaced(id=f"{name}-p", source="t", subject=name, time=departs - 24 * HOUR, data=order),
        OrderStep(id=f"{name}-s", source="t", subject=name, time=left, data=step),
        OrderDelivered(id=f"{name}-d", source="t", subject=name, time=left + 2 * HOUR, data=end),
    ]


def visibility(number: int, miles: float) -> Event:
    """At EWR, so many tens of minutes into the story."""
    data = EntityMeasuredData(measures={"visibility_mi": miles})
    at = DEPARTS + number / 6 * HOUR
    return EntityMeasured(id=f"w-{number}", source="t", subject="airport:EWR", time=at, data=data)


def days_with_a_storm() -> list[Event]:
    """Four calm days at two airports; then eight hours in which everything from EWR leaves two hours late, in fog."""
    events: list[Event] = []
    for number in range(114 * 6):
        hours = number / 6
        storm = 96 <= hours < 104
        events += flight(number, "EWR", hours, 2.0 if storm else 0.0)
        events += flight(number, "JFK", hours, 0.0)
        if number % 6 == 0:
            events.append(visibility(number, 0.25 if storm else 10.0))
    return sorted(events, key=lambda event: event.time)


def test_a_storm_at_one_airport_becomes_a_cause_and_then_a_sentence_in_its_customers_letters() -> None:
    detectors = [one for one in all_detectors() if one.name == "late_delivery"]
    said: list[CauseChanged] = []
    issues: list[Issue] = []

    class Listening(House):
        def _append_to_all(self, event: Event) -> None:
            if isinstance(event, CauseChanged):
                said.append(event)
            super()._append_to_all(event)

    with Listening(4, detectors=detectors) as house:
        for outputs in house.run(feed(days_with_a_storm(), 4, timedelta(minutes=5), topics=("orders.v1",))):
            issues += [issue for issue in outputs.issues if issue.change == "opened"]
    assert [one.data.change for one in said if one.data.change != "changed"] == ["opened", "closed"]
    opened, storm = said[0], DEPARTS + 96 * HOUR
    assert opened.data.entities == {"airport": "EWR"}
    assert storm < opened.time < storm + 3 * HOUR
    assert said[-1].data.cases > opened.data.cases
    with_cause = [issue for issue in issues if issue.cause == opened.subject]
    assert len(with_cause) > 5
    sentences = [issue.evidence.facts["cause"] for issue in with_cause if "cause" in issue.evidence.facts]
    assert len(sentences) > 5
    assert set(sentences) == {SENTENCE}
    assert {issue.evidence.facts["airport"] for issue in with_cause} == {"EWR"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path)
    remember(made, consent("c", True), address("c"))
    yield made
    made.close()


def shared_trouble(number: int, hours: float, order: str, cause_id: str, stage: str = "at_risk") -> Issue:
    plain = trouble(number, hours, stage, order=order)
    facts = plain.evidence.facts | {"cause_id": cause_id, "cause": SENTENCE}
    return msgspec.structs.replace(plain, evidence=msgspec.structs.replace(plain.evidence, facts=facts))


def test_a_customer_touched_by_one_cause_through_several_orders_is_told_once(ledger: Ledger) -> None:
    decisions = [
        goes_by(ledger, one)
        for one in (
            shared_trouble(1, 0, "A-1", "cause:1"),
            shared_trouble(2, 20, "A-2", "cause:1"),  # past the cooldown
            shared_trouble(3, 24 * 20, "A-3", "cause:1"),  # past all that limits look back
            shared_trouble(4, 24 * 21, "A-4", "cause:2"),
            shared_trouble(5, 24 * 22, "A-5", "cause:2", stage="late"),  # no longer what may be but what is
        )
    ]
    assert [(one.verdict, one.rule) for one in decisions] == [
        ("tell", "clear"), ("hold", "same_cause"), ("hold", "same_cause"), ("tell", "clear"), ("tell", "clear"),
    ]  # fmt: skip
    assert decisions[0].decided_at == NOW
