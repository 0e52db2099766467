"""A customer at the till."""

from datetime import UTC, datetime, timedelta

import pytest

from detectors.catalogue import all_detectors
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.tick import Tick, TickData

START = datetime(2013, 2, 8, 9, tzinfo=UTC)


def tried(minute: float, order: str = "A-17", *, works: bool = False) -> Event:
    data = PaymentAttemptedData(order_id=order, succeeded=works, amount_minor=4990, reason="do_not_honor")
    time = START + timedelta(minutes=minute)
    return PaymentAttempted(id=f"{order}-{minute}-{works}", source="shop", subject="c-1", time=time, data=data)


def tick(minute: float) -> Event:
    data = TickData(source_topic="telemetry.v1", source_partition=0, source_partitions=1)
    return Tick(id="tick", source="ingest", subject="tick", time=START + timedelta(minutes=minute), data=data)


def told(events: list[Event]) -> Outputs:
    detectors = [detector for detector in all_detectors() if detector.name == "payment_retry_loop"]
    pipeline = Pipeline(detectors, 0)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return outputs


def changes(events: list[Event]) -> list[str]:
    return [issue.change for issue in told(events).issues]


@pytest.mark.parametrize("count", range(3))
def test_up_to_two_failures_are_no_trouble(count: int) -> None:
    assert changes([tried(minute) for minute in range(count)]) == []


def test_the_third_failure_opens_and_says_what_was_tried() -> None:
    (issue,) = told([tried(0), tried(4), tried(9)]).issues
    assert (issue.change, issue.at, issue.object) == ("opened", START + timedelta(minutes=9), "A-17")
    assert issue.evidence.since == START
    assert issue.evidence.facts == {"order_id": "A-17", "stage": "failing", "failures": "3", "amount": "49.90 EUR"}


def test_the_reason_of_the_provider_is_not_among_the_facts() -> None:
    (issue,) = told([tried(0), tried(4), tried(9)]).issues
    assert "do_not_honor" not in str(issue.evidence)


def test_failures_spread_over_hours_are_no_loop() -> None:
    assert changes([tried(minute) for minute in (0, 25, 50, 75, 100)]) == []


def test_a_success_before_the_third_starts_the_count_again() -> None:
    assert changes([tried(0), tried(1), tried(2, works=True), tried(3), tried(4)]) == []


def test_a_success_ends_it() -> None:
    assert changes([tried(0), tried(1), tried(2), tried(3, works=True)]) == ["opened", "resolved"]


def test_two_hours_of_silence_end_it() -> None:
    loop = [tried(0), tried(1), tried(2)]
    assert changes([*loop, tick(2 + 119)]) == ["opened"]
    assert changes([*loop, tick(2 + 120)]) == ["opened", "resolved"]


def test_a_second_loop_after_the_silence_is_another_episode() -> None:
    loop, again = [tried(0), tried(1), tried(2)], [tried(300), tried(301), tried(302)]
    issues = told([*loop, tick(200), *again]).issues
    assert [issue.change for issue in issues] == ["opened", "resolved", "opened"]
    assert issues[0].issue_id != issues[2].issue_id


def test_orders_are_counted_apart() -> None:
    assert changes([tried(0), tried(1), tried(2, "B-1"), tried(3, "B-1")]) == []


def test_twice_the_floor_is_severe() -> None:
    issues = told([tried(minute) for minute in range(6)]).issues
    assert issues[0].severity == "medium"
    assert issues[-1].severity == "high"


def test_attempts_read_out_of_order_count_by_their_own_time() -> None:
    assert changes([tried(50), tried(0), tried(100), tried(25)]) == []
    assert changes([tried(9), tried(0), tried(4)]) == ["opened"]
