"""The state of one customer stays below 4 KiB for all detectors together, whatever comes."""

from datetime import UTC, datetime, timedelta

from detectors.catalogue import all_detectors, watchers
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.events.order_step import OrderStep, OrderStepData
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.tick import Tick, TickData

LIMIT = 4096
START = datetime(2013, 2, 8, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def placed(number: int, order: str, name: str, entities: int, steps: int) -> OrderPlaced:
    data = OrderPlacedData(
        order_id=order,
        promised_by=at(number + 4000),
        steps=[PlannedStep(name=f"{name}{n}"[-128:], due=at(number + 60 + n)) for n in range(steps)],
        entities={f"{name}{n}"[-128:]: f"{n}{name}"[:128] for n in range(entities)},
    )
    return OrderPlaced(id=f"o-{number}", source="test", subject="c-1", time=at(number), data=data)


def busy(orders: int, order: str, name: str, entities: int, steps: int) -> list[Event]:
    """A customer with many orders, none of which is ever paid or moves on."""
    events: list[Event] = []
    for number in range(orders):
        order_id = f"{order}{number}"[-128:]
        events.append(placed(number, order_id, name, entities, steps))
        for attempt in range(12):
            data = PaymentAttemptedData(order_id=order_id, succeeded=False, amount_minor=10**12)
            name_ = f"p-{number}-{attempt}"
            events.append(PaymentAttempted(id=name_, source="test", subject="c-1", time=at(number), data=data))
    for topic in ("orders.v1", "telemetry.v1"):
        data_ = TickData(source_topic=topic, source_partition=0, source_partitions=1)
        events.append(Tick(id="tick", source="ingest", subject="tick", time=at(orders + 115), data=data_))
    return events


def largest(events: list[Event]) -> tuple[int, int]:
    """Bytes of the largest state of the customer, and how many issues were opened."""
    pipeline, largest, opened = Pipeline([*all_detectors(), *watchers()], 0), 0, 0
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
        outputs = pipeline.drain()
        assert outputs.failures == []
        opened += sum(issue.change == "opened" for issue in outputs.issues)
        largest = max([largest, *(len(value or b"") for key, value in outputs.states if key == b"c-1")])
    return largest, opened


def test_a_usual_customer_takes_a_few_hundred_bytes() -> None:
    size, _ = largest(busy(1, "UA1545-EWR-2013020", "airport", 8, 1))
    assert size < 1_200  # four kilobytes is the limit


def test_many_open_orders_stay_below_the_limit() -> None:
    size, opened = largest(busy(60, "order-2013-02-08-", "departed", 4, 3))
    assert 1000 < size <= LIMIT
    assert opened > 20


def test_the_longest_names_stay_below_the_limit() -> None:
    size, opened = largest(busy(40, "o" * 126, "n" * 126, 12, 20))
    assert 1000 < size <= LIMIT
    assert opened > 10


def test_what_has_no_room_is_resolved_and_never_left_open() -> None:
    pipeline = Pipeline([*all_detectors(), *watchers()], 0)
    events = busy(60, "order-2013-02-08-", "departed", 4, 3)
    late = [OrderStep(id="x", source="t", subject="c-1", time=at(0), data=OrderStepData(order_id="none", step="s"))]
    for offset, event in enumerate([*events, *late, *busy(60, "second-", "departed", 4, 3)[:-2]]):
        pipeline.apply(event, offset)
    issues = pipeline.drain().issues
    still = {issue.issue_id for issue in issues} - {i.issue_id for i in issues if i.change == "resolved"}
    assert len(still) <= 16 + 3
