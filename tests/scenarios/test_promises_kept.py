"""Refunds that are due and orders that stand still."""

from datetime import timedelta

from detectors.customer import decode
from detectors.scenes import after, tick
from models.events.base import Event
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.promise_changed import PromiseChanged, PromiseChangedData
from models.events.refund_paid import RefundPaid, RefundPaidData
from models.events.refund_promised import RefundPromised, RefundPromisedData
from tests.told import changes, told

HOUR, DAY, TOPIC = 60, 24 * 60, "orders.v1"


def promised(refund: str = "R", days: float = 5, minute: float = 0) -> Event:
    data = RefundPromisedData(refund_id=refund, promised_by=after(days * DAY), amount_minor=4990)
    return RefundPromised(id=f"{refund}-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def paid(minute: float, refund: str = "R") -> Event:
    return RefundPaid(id="paid", source="t", subject="c-1", time=after(minute), data=RefundPaidData(refund_id=refund))


def placed(days: float = 16, *, planned: bool = False) -> Event:
    steps = [PlannedStep(name="made", due=after(DAY))] if planned else []
    data = OrderPlacedData(order_id="T", promised_by=after(days * DAY), steps=steps)
    return OrderPlaced(id="placed", source="t", subject="c-1", time=after(0), data=data)


def step(minute: float) -> Event:
    data = OrderStepData(order_id="T", step="confirmed")
    return OrderStep(id=f"s-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def test_a_refund_is_overdue_six_hours_after_its_promise_and_not_before() -> None:
    assert changes("refund_overdue", [promised(), tick(TOPIC, 5 * DAY + 5 * HOUR)]) == []
    issue = told("refund_overdue", [promised(), tick(TOPIC, 5 * DAY + 6 * HOUR)]).issues[0]
    assert (issue.change, issue.severity, issue.evidence.facts["amount"]) == ("opened", "medium", "49.90 EUR")
    assert issue.evidence.since == after(5 * DAY)


def test_it_becomes_serious_after_three_days_and_ends_when_it_is_paid() -> None:
    ticks = [tick(TOPIC, 5 * DAY + hours * HOUR) for hours in (7, 73)]
    found = told("refund_overdue", [promised(), *ticks, paid(9 * DAY)]).issues
    assert [(issue.change, issue.severity) for issue in found[:2]] == [("opened", "medium"), ("updated", "high")]
    assert found[-1].change == "resolved"


def test_a_promise_given_anew_counts_and_not_the_former_one() -> None:
    anew = [promised(), tick(TOPIC, 5 * DAY + 7 * HOUR), promised(days=9, minute=6 * DAY), tick(TOPIC, 8 * DAY)]
    assert changes("refund_overdue", anew) == ["opened", "resolved"]


def test_a_refund_paid_in_time_says_nothing_and_leaves_no_trace() -> None:
    outputs = told("refund_overdue", [promised(), paid(2 * DAY), tick(TOPIC, 30 * DAY)])
    assert outputs.issues == []
    record = dict(outputs.states)[b"c-1"]
    assert record is not None
    assert decode(record).parts == {}


def test_an_order_that_moves_again_is_resolved() -> None:
    still = [placed(), step(HOUR), tick(TOPIC, 9 * DAY)]
    assert changes("stalled_order", still) == ["opened"]
    assert changes("stalled_order", [*still, step(10 * DAY)]) == ["opened", "resolved"]


def test_an_order_that_never_moved_says_nothing_where_steps_are_not_told() -> None:
    outputs = told("stalled_order", [placed(), tick(TOPIC, 9 * DAY)])
    assert outputs.issues == []
    assert [signal.warm for signal in outputs.signals] == [False]


def test_an_order_with_a_plan_is_left_to_late_delivery() -> None:
    outputs = told("stalled_order", [placed(planned=True), step(HOUR), tick(TOPIC, 15 * DAY)])
    assert outputs.signals == []


def test_behind_its_promise_it_is_late_and_no_longer_stalled() -> None:
    found = changes("stalled_order", [placed(), step(HOUR), tick(TOPIC, 9 * DAY), tick(TOPIC, 17 * DAY)])
    assert [change for change in found if change != "updated"] == ["opened", "resolved"]


def test_a_later_promise_gives_it_more_time() -> None:
    data = PromiseChangedData(order_id="T", promised_by=after(DAY * 24) + timedelta(hours=1))
    later = PromiseChanged(id="p", source="t", subject="c-1", time=after(8 * DAY), data=data)
    assert changes("stalled_order", [placed(), step(HOUR), later, tick(TOPIC, 15 * DAY)]) == []
    assert changes("stalled_order", [placed(), step(HOUR), tick(TOPIC, 15 * DAY)]) == ["opened"]
