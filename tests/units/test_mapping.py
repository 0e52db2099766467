"""Other people's records become our events, exactly, and the same ones whenever they are read again."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from models.dead_letters import Reason
from models.events.catalogue import encode, event_types
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.order_placed import OrderPlaced, OrderPlacedData, PlannedStep
from models.intake import Rejected
from models.mapping.documents import Source
from models.mapping.engine import Link, Mapped, read_mapping
from models.mapping.spec import mappable, schema
from models.mapping.targets import members_of
from tests.mapped import FOLDER, NAMES, NOW, samples, shipped

HEAD = "mapping: m\nversion: 1\ntopic: t\n"
STEP = """\
  s:
    type: order.step.v1
    subject: value.c
    time: value.at
    data: {order_id: value.o, step: value.s}
"""
RECORD: dict[str, Any] = {"c": "c-1", "o": "A-1", "s": "packed", "at": "2013-02-08T15:00:00+01:00"}


def mapped(text: str, value: object, **more: Any) -> Mapped | Rejected:
    return read_mapping(HEAD + text, "m.yaml")(Source("t", 3, 41, json.dumps(value).encode(), **more), NOW)


def made(text: str, value: object, **more: Any) -> list[dict[str, Any]]:
    found = mapped(text, value, **more)
    assert isinstance(found, Mapped), found
    return [json.loads(encode(one.event)) for one in found.events]


def why(text: str, value: object) -> str:
    found = mapped(text, value)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.UNMAPPED
    return found.detail


def with_time(form: str) -> str:
    return "events:\n" + STEP.replace("value.at", f"{{path: value.at, {form}}}")


def with_money(currency: str) -> str:
    return (
        "events:\n  p:\n    type: payment.attempted.v1\n    subject: value.c\n    time: value.at\n    data:\n"
        f"      order_id: value.o\n      succeeded: {{const: true}}\n"
        f"      amount_minor: {{path: value.s, money: {currency}}}\n"
    )


def test_an_order_webhook_becomes_a_placed_order_with_its_promise_steps_and_price() -> None:
    found = shipped("shopify-orders")(samples("shopify-orders")["1-create"], NOW)
    at = datetime(2013, 2, 7, 14, 10, 11, tzinfo=UTC)
    assert isinstance(found, Mapped)
    data = OrderPlacedData(
        order_id="#9999", promised_by=at.replace(day=12), amount_minor=38800, currency="USD",
        steps=[PlannedStep(name="handed_over", due=at.replace(day=9))], entities={"carrier": "swift"},
    )  # fmt: skip
    assert [one.event for one in found.events] == [
        OrderPlaced(id="98880550-7158-44d4-b7cd-2c97c8a091b5/placed", source="shopify.orders",
                    subject="115310627314723954", time=at, data=data)
    ]  # fmt: skip


def test_a_fulfilment_gives_a_step_per_parcel_and_says_whose_the_parcels_are() -> None:
    found = shipped("shopify-orders")(samples("shopify-orders")["2-fulfilled"], NOW)
    assert isinstance(found, Mapped)
    assert [one.rule for one in found.events] == ["handed_over"] * 2
    assert found.links == [Link("parcel:SW0012345DE", "order:#9999", False),
                           Link("parcel:SW0012346DE", "order:#9999", False)]  # fmt: skip


def test_row_changes_become_what_happened_and_deletions_and_tombstones_nothing() -> None:
    mapping, rows = shipped("warehouse-orders"), samples("warehouse-orders")
    rules = {name: [one.rule for one in found.events] for name, source in rows.items()
             if isinstance(found := mapping(source, NOW), Mapped)}  # fmt: skip
    assert rules == {
        "1-insert": ["placed"], "2-promise-moved": ["promise_changed"], "3-shipped": ["step"],
        "4-delivered": ["delivered"], "5-deleted": [], "6-tombstone": [],
    }  # fmt: skip


def test_a_scan_in_binary_mode_keeps_id_and_source_and_waits_for_the_customer_of_its_parcel() -> None:
    found = shipped("carrier-scans")(samples("carrier-scans")["4-dlv"], NOW)
    assert isinstance(found, Mapped)
    [one] = found.events
    assert not one.known
    assert one.event == OrderDelivered(
        id="scan-4/delivered", source="/carrier/swift/depots/leipzig", subject="parcel:SW0012345DE",
        time=datetime(2013, 2, 11, 10, 20, 33, tzinfo=UTC), data=OrderDeliveredData(order_id="parcel:SW0012345DE"),
    )  # fmt: skip


def test_structured_mode_and_base64_data_say_the_same_as_binary_mode() -> None:
    mapping, binary = shipped("carrier-scans"), samples("carrier-scans")["1-pup"]
    attributes = {k.removeprefix("ce_"): v.decode() for k, v in binary.headers if k.startswith("ce_")}
    raw = binary.value or b""
    whole = [{**attributes, "data": json.loads(raw)}, {**attributes, "data_base64": base64.b64encode(raw).decode()}]
    headers = [[("content-type", b"application/cloudevents+json; charset=utf-8")], []]
    structured = [msgspec.structs.replace(binary, value=json.dumps(one).encode(), headers=head)
                  for one, head in zip(whole, headers, strict=True)]  # fmt: skip
    assert mapping(structured[0], NOW) == mapping(structured[1], NOW) == mapping(binary, NOW)


def test_the_same_record_gives_the_same_ids_and_another_place_in_the_topic_gives_others() -> None:
    text = "events:\n" + STEP
    assert [one["id"] for one in made(text, RECORD)] == ["t/3/41"]
    both = "events:\n" + STEP + STEP.replace("  s:", "  again:").replace("time:", "each: value.all\n    time:")
    ids = [one["id"] for one in made(both, {**RECORD, "all": [1, 2]})]
    assert ids == ["t/3/41/s", "t/3/41/again/0", "t/3/41/again/1"]


def test_a_webhook_that_the_producer_sends_again_gives_events_that_pass_for_the_same() -> None:
    for name, which in (("shopify-orders", "2-fulfilled"), ("carrier-scans", "4-dlv")):
        mapping, first = shipped(name), samples(name)[which]
        again = msgspec.structs.replace(first, partition=2, offset=77)
        assert mapping(first, NOW) == mapping(again, NOW)


def test_two_events_with_one_id_would_pass_for_a_retry_so_the_record_is_set_aside() -> None:
    text = "events:\n" + STEP.replace("time:", "each: value.all\n    id: value.o\n    time:")
    assert why(text, {**RECORD, "all": [1, 2]}) == "id: two events of this record have the same"


def test_a_record_of_which_one_event_does_not_hold_is_set_aside_as_a_whole() -> None:
    text = "events:\n" + STEP.replace("time:", "each: value.all\n    time:").replace("value.s}", "item.s}")
    assert len(made(text, {**RECORD, "all": [{"s": "a"}, {"s": "b"}]})) == 2
    assert why(text, {**RECORD, "all": [{"s": "a"}, {}]}) == "events.s.data.step: nothing found, and the event needs it"


def test_a_record_that_no_rule_takes_is_passed_over_unless_the_file_wants_to_know() -> None:
    text = "events:\n" + STEP.replace("time:", "when: value.s == 'other'\n    time:")
    assert mapped(text, RECORD) == Mapped([], [])
    assert why("otherwise: dead_letter\n" + text, RECORD) == "events: no rule's condition holds"


@pytest.mark.parametrize(
    ("form", "value", "instant"),
    [
        ("time: rfc3339", "2013-02-08T15:00:00.5-05:00", "2013-02-08T20:00:00.500000Z"),
        ("time: epoch_s", 1360350000, "2013-02-08T19:00:00Z"),
        ("time: epoch_s", 1360350000.25, "2013-02-08T19:00:00.250000Z"),
        ("time: epoch_ms", "1360350000123", "2013-02-08T19:00:00.123000Z"),
        ("time: epoch_us", 1360350000123456, "2013-02-08T19:00:00.123456Z"),
        ("time: epoch_ns", 1360350000123456789, "2013-02-08T19:00:00.123456Z"),
        ("time: epoch_days", 15744, "2013-02-08T00:00:00Z"),
        ("time: iso_local, zone: America/New_York", "2013-02-08 15:00:00.250", "2013-02-08T20:00:00.250000Z"),
        ("time: '%d/%m/%Y %H:%M', zone: Europe/Berlin", "08/07/2012 15:00", "2012-07-08T13:00:00Z"),
        ("time: '%d/%m/%Y %H:%M %z'", "08/02/2013 15:00 +0530", "2013-02-08T09:30:00Z"),
        ("time: iso_local, zone: Europe/Berlin", "2012-10-28T02:30:00", "2012-10-28T00:30:00Z"),
        ("plus: P1DT2H", "2013-02-08T15:00:00Z", "2013-02-09T17:00:00Z"),
    ],
)
def test_times_of_every_form_become_the_same_instant_in_utc(form: str, value: object, instant: str) -> None:
    assert made(with_time(form), {**RECORD, "at": value})[0]["time"] == instant


def test_an_hour_that_a_change_of_clocks_left_out_never_was() -> None:
    text = with_time("time: iso_local, zone: Europe/Berlin")
    assert (
        why(text, {**RECORD, "at": "2012-03-25T02:30:00"})
        == "events.s.time: a local time that a change of clocks left out"
    )


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("129.90", "EUR", 12990), (129.9, "EUR", 12990), (0.1, "USD", 10), (5, "JPY", 5), ("1.234", "KWD", 1234),
     ("-3.00", "EUR", -300), ("1e2", "EUR", 10000)],
)  # fmt: skip
def test_money_becomes_minor_units_of_its_currency_exactly(amount: object, currency: str, minor: int) -> None:
    [event] = made(with_money(f"{{const: {currency}}}"), {**RECORD, "s": amount})
    assert event["data"]["amount_minor"] == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0.001", "EUR"), ("1.5", "JPY"), ("12,50", "EUR"), (True, "EUR"), ("NaN", "EUR"), ("1e400", "EUR"), ("5", "eur")],
)
def test_money_that_is_not_exact_is_set_aside(amount: object, currency: str) -> None:
    assert why(with_money("value.cur"), {**RECORD, "s": amount, "cur": currency}).startswith(
        "events.p.data.amount_minor: "
    )


@pytest.mark.parametrize("customer", ["x" * 129, "\x00c"])
def test_a_link_to_what_no_customer_is_called_sets_the_record_aside(customer: str) -> None:
    text = "events:\n" + STEP + "links:\n  l: {identity: {kind: order, id: value.o}, subject: value.to}\n"
    assert mapped(text, {**RECORD, "to": "c-1"}) != mapped(text, RECORD)
    assert why(text, {**RECORD, "to": customer}) == "links.l.subject: no customer has such an id"


def test_every_member_of_every_event_that_can_be_mapped_to_has_a_target() -> None:
    for name in mappable():
        assert members_of(event_types()[name])["data"].sort == "struct"


def test_the_schema_for_editors_is_the_one_beside_the_files_and_takes_them() -> None:
    kept = json.loads((FOLDER / "mapping.schema.json").read_text())
    assert kept == schema(), "write it anew: beforehand map schema > deploy/mappings/mapping.schema.json"
    Draft202012Validator.check_schema(kept)
    for name in NAMES:
        Draft202012Validator(kept).validate(YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text()))
    wrong = {"mapping": "m", "version": 1, "topic": "t", "events": {"s": {"type": "nope", "time": "value.a"}}}
    assert not Draft202012Validator(kept).is_valid(wrong)


def test_the_digest_hangs_on_what_a_file_says_and_not_on_its_comments() -> None:
    text = HEAD + "events:\n" + STEP
    digests = [read_mapping(one, "m").digest for one in (text, "# why\n" + text, text.replace("value.s", "value.t"))]
    assert digests[0] == digests[1] != digests[2]
