"""What becomes a case of which family, when; and how causes leave the context role."""

from datetime import UTC, datetime, timedelta

from detectors.catalogue import watchers
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.canary import canary_of
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.case_observed import CaseObserved, CaseObservedData
from models.events.catalogue import decode, encode
from models.events.cause_changed import CauseChanged
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.tick import Tick, TickData
from streams.roles.context import ContextStep
from streams.step import Progress
from tests.records import records

START = datetime(2018, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def placed(days: float = 10.0) -> OrderPlaced:
    """To be handed over on the second day, and there on the tenth."""
    data = OrderPlacedData(
        order_id="A", promised_by=START + days * DAY, entities={"state": "RJ", "seller": "s-1"},
        steps=[PlannedStep(name="handed_over", due=START + 2 * DAY, by="seller")],
    )  # fmt: skip
    return OrderPlaced(id="p", source="t", subject="c", time=START, data=data)


def handed_over(days: float) -> Event:
    data = OrderStepData(order_id="A", step="handed_over")
    return OrderStep(id="h", source="t", subject="c", time=START + days * DAY, data=data)


def delivered(days: float) -> Event:
    data = OrderDeliveredData(order_id="A")
    return OrderDelivered(id="d", source="t", subject="c", time=START + days * DAY, data=data)


def tick(days: float) -> Event:
    data = TickData(source_topic="orders.v1", source_partition=0, source_partitions=1)
    return Tick(id="tick", source="ingest", subject="tick", time=START + days * DAY, data=data)


def watched(*events: Event) -> Outputs:
    pipeline = Pipeline(watchers(), 0)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert (outputs.failures, outputs.issues) == ([], [])
    return outputs


def seen(*events: Event) -> list[tuple[str, float, bool, float]]:
    cases = watched(*events).cases
    return [(one.data.look, one.data.bad, one.data.first, (one.time - START) / DAY) for one in cases]


def test_an_order_that_arrived_counts_as_good_when_its_shares_of_the_way_are_past_and_not_before() -> None:
    events = [placed(), handed_over(1), delivered(5), tick(5.5), tick(6), tick(8), tick(10), tick(20)]
    assert seen(*events) == [
        ("step", 0.0, False, 1.0), ("way0", 1.0, True, 5.5), ("way1", 0.0, False, 6.0), ("way2", 0.0, False, 8.0),
        ("way3", 0.0, False, 10.0),
    ]  # fmt: skip
    pipeline = Pipeline(watchers(), 0)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    states = dict(pipeline.drain().states)
    assert b"order_cases" not in (states[b"c"] or b"")  # nothing is left of it


def test_an_order_still_open_is_bad_at_each_share_and_counted_once_as_a_customer() -> None:
    found = seen(placed(), tick(3), tick(4), tick(11))
    assert [(look, bad) for look, bad, _, _ in found] == [("step", 1.0), *((f"way{n}", 1.0) for n in range(4))]
    assert [first for _, _, first, _ in found] == [True, False, False, False, False]


def test_an_order_of_hours_is_left_to_the_readings_of_late_delivery() -> None:
    assert seen(placed(days=1.5), tick(3)) == []


def test_a_call_and_a_refused_payment_are_cases_and_a_repeated_event_is_not_another() -> None:
    call = CareContactOpened(
        id="t-1", source="desk", subject="c", time=START,
        data=CareContactOpenedData(contact_id="t-1", entities={"state": "Georgia"}),
    )  # fmt: skip
    attempt = PaymentAttempted(
        id="a-1", source="shop", subject="c", time=START,
        data=PaymentAttemptedData(order_id="A", succeeded=False, provider="acme"),
    )  # fmt: skip
    cases = watched(call, attempt, call).cases
    assert [(one.subject, one.data.entities) for one in cases] == [
        ("cases:complaints", {"state": "Georgia"}), ("cases:payments", {"provider": "acme"}),
    ]  # fmt: skip
    assert all("c" not in one.id and "A" not in one.id for one in cases)


def test_a_canary_is_no_case() -> None:
    attempt = PaymentAttempted(
        id="a-1", source="shop", subject=canary_of(1), time=START,
        data=PaymentAttemptedData(order_id="A", succeeded=False),
    )  # fmt: skip
    assert watched(attempt).cases == []


def refused(number: int) -> bytes:
    """For 8 days one in twenty; then all of them."""
    minutes, storm = number * 5, number >= 8 * 288
    bad = float(storm or number % 20 == 0)
    data = CaseObservedData(look="attempt", bad=bad, first=bad > 0.0, entities={"provider": "acme"})
    time = START + timedelta(minutes=minutes)
    return encode(CaseObserved(id=f"0-{number}-0", source="detect", subject="cases:payments", time=time, data=data))


def test_context_tells_every_journal_partition_of_a_cause_and_a_restart_tells_the_same() -> None:
    raws = [refused(number) for number in range(8 * 288 + 60)]
    whole, written = ContextStep(3, 4), []
    whole.apply(records(*raws))
    outputs = whole.drain(Progress())
    states: dict[bytes, bytes | None] = {}
    for start in range(0, len(raws), 300):
        step = ContextStep(3, 4)
        for key, value in states.items():
            step.load(key, value or b"")
        step.apply(records(*raws[start : start + 300], first=start))
        writes = step.drain(Progress())
        states |= dict(writes.states)
        written += writes.outputs
    assert written == outputs.outputs
    first = outputs.outputs[:4]
    assert [(topic, partition) for topic, partition, *_ in first] == [("journal.v1", number) for number in range(4)]
    [raw] = {value for _, _, _, value, _ in first}
    event = decode(raw or b"")
    assert isinstance(event, CauseChanged)
    assert event.data.change == "opened"
    assert ("payments", "opened") in {labels for _, labels, _ in outputs.counts}
