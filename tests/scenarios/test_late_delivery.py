"""An order on its way, and what is said of it when."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from detectors.catalogue import all_detectors
from detectors.orders.stories import ARRIVES, CUSTOMER, DEPARTS, ORDER, delivered, departed, known, placed, tick
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.promise_changed import PromiseChanged, PromiseChangedData

DAY = 24 * 60


def told(events: Sequence[Event]) -> Outputs:
    detectors = [detector for detector in all_detectors() if detector.name == "late_delivery"]
    pipeline = Pipeline(detectors, 0, keep_signals=True)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return outputs


def issues(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(issue.change, issue.evidence.facts["stage"]) for issue in told(events).issues]


def cancelled(minutes: float, by: str = "seller") -> Event:
    data = OrderCancelledData(order_id=ORDER, by=by)  # type: ignore[arg-type]
    time = DEPARTS + timedelta(minutes=minutes)
    return OrderCancelled(id=f"x-{by}", source="story", subject=CUSTOMER, time=time, data=data)


def promised_again(minutes: float, later: float) -> Event:
    steps = [PlannedStep(name="departed", due=DEPARTS + timedelta(minutes=later))]
    data = PromiseChangedData(order_id=ORDER, promised_by=ARRIVES + timedelta(minutes=later), steps=steps)
    time = DEPARTS + timedelta(minutes=minutes)
    return PromiseChanged(id=f"again-{later}", source="story", subject=CUSTOMER, time=time, data=data)


def parcel(*reached: tuple[str, float]) -> list[Event]:
    """A shop's order that shares nothing with others: packed after 12 h, handed over after 24 h, there after 72 h."""
    steps = [PlannedStep(name=name, due=DEPARTS + timedelta(hours=hours)) for name, hours in PARCEL]
    data = OrderPlacedData(order_id=ORDER, promised_by=DEPARTS + timedelta(hours=72), steps=steps)
    events: list[Event] = [OrderPlaced(id="o", source="shop", subject=CUSTOMER, time=DEPARTS, data=data)]
    for step, hours in reached:
        time = DEPARTS + timedelta(hours=hours)
        events.append(tick(hours * 60 - 1))
        data_ = OrderStepData(order_id=ORDER, step=step)
        events.append(OrderStep(id=f"s-{step}", source="shop", subject=CUSTOMER, time=time, data=data_))
    return events


PARCEL = (("packed", 12.0), ("handed_over", 24.0))


def test_it_warns_before_departure_when_the_others_at_the_airport_are_late() -> None:
    outputs = told([placed(), *known(0.9), tick(-60)])
    (issue,) = outputs.issues
    assert (issue.change, issue.at, issue.horizon) == ("opened", DEPARTS - timedelta(hours=1), ARRIVES)
    assert issue.probability >= 0.5
    assert issue.evidence.facts["airport"] == "EWR"
    assert issue.evidence.facts["airport_lately"].endswith("late")
    assert "airport.late_min/1h" in issue.evidence.factors
    assert outputs.signals[0].look == "1h"


def test_it_says_nothing_before_enough_cases_were_seen() -> None:
    assert len(told([placed(), *known(0.95), tick(-60)]).issues) == 1
    outputs = told([placed(), *known(0.95, cases=25.0), tick(-60)])
    assert outputs.issues == []
    assert [signal.warm for signal in outputs.signals] == [False]


def test_the_warning_is_taken_back_when_it_leaves_in_time() -> None:
    assert issues([placed(), *known(0.9), tick(-60), departed(0)]) == [("opened", "at_risk"), ("resolved", "at_risk")]


def test_a_delivery_ends_the_episode() -> None:
    events = [placed(), *known(0.9), tick(-60), tick(46), departed(60), delivered(250)]
    assert issues(events)[0] == ("opened", "at_risk")
    assert issues(events)[-1] == ("resolved", "delivered")


def test_what_has_not_left_by_its_due_time_opens_by_tick_alone() -> None:
    outputs = told([placed(), tick(14)])
    assert outputs.issues == []
    outputs = told([placed(), tick(14), tick(50)])
    assert [issue.evidence.facts["stage"] for issue in outputs.issues] == ["waiting"]
    assert outputs.issues[0].evidence.since == DEPARTS
    assert outputs.issues[0].evidence.actual == "departed is 50 minutes overdue"


def test_what_left_late_but_was_read_before_the_tick_is_not_absent() -> None:
    events = [placed(), departed(20), tick(60)]
    assert issues(events) == []
    assert [signal.look for signal in told(events).signals] == ["departed"]


def test_an_outage_raises_nothing_that_reading_in_time_would_not() -> None:
    orders = [placed(customer=f"c-{n}") for n in range(40)]
    left = [departed(n * 2, customer=f"c-{n}") for n in range(40)]
    in_time: list[Event] = [*orders]
    for minute in range(0, 120):
        in_time += [event for event in left if event.time == DEPARTS + timedelta(minutes=minute)]
        in_time.append(tick(minute))
    backlog: list[Event] = [*orders, *left, *(tick(minute) for minute in range(0, 120, 7))]
    on_time = {(i.customer_id, i.evidence.facts["stage"]) for i in told(in_time).issues if i.change == "opened"}
    after = {(i.customer_id, i.evidence.facts["stage"]) for i in told(backlog).issues if i.change == "opened"}
    assert ("c-39", "waiting") in on_time
    assert not any(stage == "waiting" for _, stage in after)
    assert {customer for customer, _ in after} <= {customer for customer, _ in on_time}


def test_without_a_tick_silence_is_no_trouble() -> None:
    issues = told([placed(), placed(customer="c-2"), departed(400, customer="c-2")]).issues
    assert {issue.customer_id for issue in issues} == {"c-2"}


def test_what_does_not_arrive_is_late_for_certain_after_the_floor() -> None:
    events = [placed(), departed(0), tick(180 + 44), tick(180 + 45)]
    last = told(events).issues[-1]
    assert (last.evidence.facts["stage"], last.probability, last.severity) == ("late", 1.0, "high")
    assert last.horizon is None


def test_it_is_given_up_after_a_week_and_the_order_forgotten() -> None:
    outputs = told([placed(), tick(50), tick(180 + 8 * DAY), delivered(180 + 8 * DAY)])
    assert [issue.change for issue in outputs.issues][-1] == "resolved"
    assert outputs.signals[-1].look == "settled"


def test_a_cancellation_is_known_trouble_at_once() -> None:
    outputs = told([placed(), cancelled(-300)])
    (issue,) = outputs.issues
    assert (issue.change, issue.probability, issue.severity) == ("opened", 1.0, "high")
    assert (issue.evidence.facts["stage"], issue.evidence.actual) == ("cancelled", "cancelled")


def test_a_cancellation_worsens_an_open_episode_and_is_settled_after_two_days() -> None:
    events = [placed(), tick(50), cancelled(60), tick(200), tick(60 + 2 * DAY)]
    found = told(events).issues
    assert [issue.change for issue in found] == ["opened", "updated", "resolved"]
    assert len({issue.issue_id for issue in found}) == 1


def test_nothing_more_is_said_of_an_order_that_was_cancelled() -> None:
    before = [placed(), cancelled(-300)]
    assert len(told([*before, departed(90), delivered(500), tick(600)]).signals) == len(told(before).signals)


def test_what_the_customer_cancelled_is_no_trouble() -> None:
    assert issues([placed(), cancelled(-300, by="customer"), tick(500)]) == []
    assert issues([placed(), tick(50), cancelled(60, by="customer")])[-1] == ("resolved", "withdrawn")


def test_another_promise_counts_instead_of_the_former() -> None:
    events = [placed(), tick(50), promised_again(55, later=600), tick(200)]
    assert [change for change, _ in issues(events)] == ["opened", "resolved"]
    assert [change for change, _ in issues([*events, tick(650)])] == ["opened", "resolved", "opened"]


def test_a_parcel_that_shares_nothing_is_watched_step_by_step() -> None:
    calm = parcel(("packed", 9.0), ("handed_over", 20.0))
    assert issues([*calm, tick(60 * 60), delivered(60 * 60)]) == []
    late = told([*parcel(("packed", 9.0)), tick(25 * 60)]).issues
    assert [(issue.change, issue.evidence.facts["step"]) for issue in late] == [("opened", "handed_over")]
    assert late[0].evidence.actual == "handed over is 60 minutes overdue"


def test_a_later_step_stands_for_the_ones_before_it() -> None:
    assert issues([*parcel(("handed_over", 11.0)), tick(30 * 60)]) == []


def test_each_promise_that_breaks_is_told_of() -> None:
    broken = [placed(), departed(0), tick(180 + 45)]
    again = [promised_again(230, later=300), departed(300), tick(480 + 45)]
    for events, times in ((broken, 1), ([*broken, *again], 2)):
        seen = [(one.subject, one.data.values()) for one in told(events).observations]
        late = [(subject, values) for subject, values in seen if "delivered_late_min" in values]
        assert late == [("airport_carrier:EWR-UA", {"delivered_late_min": 45.0})] * times


@pytest.mark.parametrize(
    ("events", "slow", "late"),
    [
        ([placed(), departed(5)], [0.0], [5.0]),
        ([placed(), departed(30)], [1.0], [30.0]),
        ([placed(), tick(16), departed(30)], [1.0], [30.0]),
        ([placed(), tick(16), tick(46), departed(300)], [1.0], [45.0]),
        ([placed(), departed(600)], [1.0], [180.0]),
        ([placed(), cancelled(-100)], [1.0], [45.0]),
    ],
)
def test_the_airport_is_told_once_how_late_it_was(events: list[Event], slow: list[float], late: list[float]) -> None:
    seen = [one.data.values() for one in told(events).observations if one.subject == "airport:EWR"]
    assert [values["slow"] for values in seen if "slow" in values] == slow
    assert [values["late_min"] for values in seen if "late_min" in values] == late


def test_entities_that_no_score_reads_are_not_told_of() -> None:
    subjects = {one.subject.partition(":")[0] for one in told([placed(), departed(5), delivered(180)]).observations}
    assert subjects == {"airport", "carrier", "airport_carrier"}
