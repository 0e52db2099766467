"""A customer whom every detector knows well, and one who does whatever is possible: their record stays bounded."""

from datetime import timedelta

from detectors.catalogue import all_detectors
from detectors.customer import decode
from detectors.pipeline import Pipeline
from detectors.scenes import after
from models.events.base import Event
from models.events.checkout_step import CheckoutStep, CheckoutStepData
from models.events.device_reported import DeviceReported, DeviceReportedData
from models.events.error_shown import ErrorShown, ErrorShownData
from models.events.login_attempted import LoginAttempted, LoginAttemptedData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.refund_promised import RefundPromised, RefundPromisedData
from models.events.request_timed import RequestTimed, RequestTimedData
from models.events.usage_counted import UsageCounted, UsageCountedData

LIMIT, BEYOND = 4096, 20_000


def everything(number: int, name: str) -> list[Event]:
    """One of each, with things of that name."""
    at = after(number)
    order = OrderPlacedData(order_id=name, promised_by=at + timedelta(days=20))
    refund = RefundPromisedData(refund_id=name, order_id=name, promised_by=at + timedelta(days=5))
    step = CheckoutStepData(checkout_id=name, step=name, accepted=False)
    made: list[tuple[type[Event], object]] = [
        (OrderPlaced, order),
        (RefundPromised, refund),
        (CheckoutStep, step),
        (PaymentAttempted, PaymentAttemptedData(order_id=name, succeeded=False)),
        (LoginAttempted, LoginAttemptedData(succeeded=False)),
        (ErrorShown, ErrorShownData(code=name)),
        (RequestTimed, RequestTimedData(operation=name, duration_s=5.0)),
        (DeviceReported, DeviceReportedData(device_id=name)),
        (UsageCounted, UsageCountedData(metric=name, amount=2**40)),
    ]
    fields = {"source": "t", "subject": "c-1", "time": at}
    return [kind(id=f"{number}-{kind.__name__}", data=data, **fields) for kind, data in made]  # type: ignore[arg-type, call-arg]


def record(events: list[Event]) -> bytes:
    """The customer's record at the end."""
    pipeline = Pipeline(all_detectors(), 0)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return dict(outputs.states)[b"c-1"] or b""


def test_two_things_of_every_kind_with_long_ids_fit_the_room() -> None:
    names = [f"0195c2d4-7a31-7cc0-9f2e-5a0b{number:08}" for number in range(2)]
    found = record([event for number in range(12) for event in everything(number, names[number % 2])])
    of_customers = [detector for detector in all_detectors() if detector.name != "unusual_metric"]
    assert set(decode(found).parts) == {f"{detector.name}/{detector.version}" for detector in of_customers}
    assert 1000 < len(found) <= LIMIT


def test_however_many_things_there_are_and_however_long_their_names_it_stays_bounded() -> None:
    few = record([event for number in range(40) for event in everything(number, f"{number:x>128}")])
    many = record([event for number in range(400) for event in everything(number, f"{number:x>128}")])
    assert len(few) < BEYOND
    assert len(many) < 1.1 * len(few)
