"""A customer whom every detector knows well, and one who does whatever is possible: their record stays bounded."""

from datetime import timedelta

from detectors.catalogue import all_detectors
from detectors.customer import decode, key_of
from detectors.pipeline import Pipeline
from detectors.scenes import after
from models.events.base import Event
from models.events.callback_promised import CallbackPromised, CallbackPromisedData
from models.events.charge_made import ChargeMade, ChargeMadeData
from models.events.checkout_step import CheckoutStep, CheckoutStepData
from models.events.device_reported import DeviceReported, DeviceReportedData
from models.events.error_shown import ErrorShown, ErrorShownData
from models.events.invoice_issued import InvoiceIssued, InvoiceIssuedData, InvoiceLine
from models.events.login_attempted import LoginAttempted, LoginAttemptedData
from models.events.mention_posted import MentionPosted, MentionPostedData
from models.events.order_cancelled import OrderCancelled, OrderCancelledData
from models.events.order_placed import OrderPlaced, OrderPlacedData
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.events.refund_promised import RefundPromised, RefundPromisedData
from models.events.request_timed import RequestTimed, RequestTimedData
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData
from models.events.usage_counted import UsageCounted, UsageCountedData

LIMIT, BEYOND = 4096, 20_000


def everything(number: int, name: str) -> list[Event]:
    """One of each, with things of that name."""
    at = after(number)
    promised, shared = at + timedelta(days=20), {"category": "c-1"}
    order = OrderPlacedData(order_id=name, promised_by=promised, items=[name, "B-1", "B-2"], entities=shared)
    again = OrderPlacedData(order_id=f"again-{name}"[:128], promised_by=promised, items=order.items, entities=shared)
    fee = InvoiceLine(kind=name, amount_minor=900 + number, fee=True)
    bill = InvoiceIssuedData(invoice_id=name, amount_minor=3_000 * (1 + number), account=name, tariff=name, lines=[fee])
    charge = ChargeMadeData(charge_id=name, amount_minor=4_990)
    callback = CallbackPromisedData(callback_id=name, promised_by=at)
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
        (OrderCancelled, OrderCancelledData(order_id=name, by="customer")),
        (OrderPlaced, again),
        (InvoiceIssued, bill),
        (ChargeMade, charge),
        (CallbackPromised, callback),
        (MentionPosted, MentionPostedData(via=name, text=f"where is my delayed {name}?")),
        (SurveyAnswered, SurveyAnsweredData(survey_id=name, score=0)),
    ]
    fields = {"source": "t", "subject": "c-1", "time": at}
    return [kind(id=f"{number}-{nth}", data=data, **fields) for nth, (kind, data) in enumerate(made)]  # type: ignore[arg-type, call-arg]


def record(events: list[Event]) -> bytes:
    """The customer's record at the end."""
    pipeline = Pipeline(all_detectors(), 0)
    for offset, event in enumerate(events):
        pipeline.apply(event, offset)
    outputs = pipeline.drain()
    assert outputs.failures == []
    return dict(outputs.states)[b"c-1"] or b""


def test_each_detector_has_a_place_of_its_own() -> None:
    keys = {key_of(detector.name, version) for detector in all_detectors() for version in (1, 2, 3)}
    assert len(keys) == 3 * len(all_detectors())


def test_one_thing_of_every_kind_with_a_long_id_fits_the_room_and_two_take_no_more_than_twice_that() -> None:
    names = [f"0195c2d4-7a31-7cc0-9f2e-5a0b{number:08}" for number in range(2)]
    one = record([event for number in range(12) for event in everything(number, names[0])])
    two = record([event for number in range(12) for event in everything(number, names[number % 2])])
    of_customers = [detector for detector in all_detectors() if detector.name != "unusual_metric"]
    for found in (one, two):
        assert set(decode(found).parts) == {key_of(detector.name, detector.version) for detector in of_customers}
    assert 1000 < len(one) <= LIMIT
    assert len(two) < 2 * len(one)


def test_however_many_things_there_are_and_however_long_their_names_it_stays_bounded() -> None:
    few = record([event for number in range(40) for event in everything(number, f"{number:x>128}")])
    many = record([event for number in range(400) for event in everything(number, f"{number:x>128}")])
    assert len(few) < BEYOND
    assert len(many) < 1.1 * len(few)
