"""Bytes from outside become an event or a reason, never an exception."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import encode, event_types
from models.events.order_placed import OrderPlaced
from models.intake import Rejected, parse
from tests.bad_inputs import NOW, bad_inputs


def test_every_example_is_accepted_as_it_is() -> None:
    for kind in event_types().values():
        assert parse(encode(kind.example()), NOW) == kind.example()


def test_two_thousand_bad_inputs_each_get_the_reason_they_were_made_for() -> None:
    wrong = []
    for reason, raw in bad_inputs(seed=7, count=2000):
        found = parse(raw, NOW)
        if reason is Reason.NOT_ALLOWED:  # a valid event; that it may not come from outside is ingest's to say
            assert isinstance(found, Event)
            assert found.internal
        elif not isinstance(found, Rejected) or found.reason is not reason:
            wrong.append((reason, found, raw[:200]))
    assert wrong == []


@settings(max_examples=500)
@given(st.binary(max_size=200) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(repr).map(str.encode))
def test_any_bytes_give_an_event_or_a_reason(raw: bytes) -> None:
    assert isinstance(parse(raw, NOW), Event | Rejected)


def test_a_record_without_a_value_is_set_aside() -> None:
    found = parse(None, NOW)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.NOT_JSON


def test_a_reason_names_the_member_and_the_rule_but_never_the_value() -> None:
    raw = encode(OrderPlaced.example()).replace(b'"order_id":"UA1545', b'"order_id":"ada@example.org' + b"x" * 200)
    found = parse(raw, NOW)
    assert found == Rejected(Reason.INVALID, "data.order_id: string_too_long")


def test_times_of_other_zones_become_utc_also_inside_the_data() -> None:
    raw = encode(OrderPlaced.example()).replace(
        b'"promised_by":"2013-02-08T18:05:00Z"', b'"promised_by":"2013-02-08T13:05:00-05:00"'
    )
    found = parse(raw, NOW)
    assert isinstance(found, OrderPlaced)
    assert found.data.promised_by == datetime(2013, 2, 8, 18, 5, tzinfo=UTC)
    assert found.data.promised_by.tzinfo is UTC
    assert encode(found) == encode(OrderPlaced.example())


def test_members_that_are_not_known_here_are_ignored() -> None:
    raw = encode(OrderPlaced.example())[:-1] + b', "traceparent": "00-ab", "data2": {"deep": [1]}}'
    assert parse(raw, NOW) == OrderPlaced.example()
