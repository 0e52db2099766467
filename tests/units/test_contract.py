"""The pydantic contract and the fast codec are two readers of one language."""

import json
from copy import deepcopy

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.contract import contract_of, schema_of
from models.events.base import Event
from models.events.catalogue import decode, decode_many, encode, event_types

TYPES = list(event_types().values())
AWKWARD = [
    None, True, "", "x" * 129, "x" * 501, 0, -1, 1.0, 1.5, 2**53 + 1, 2**64, 10**30, 1e15, 1.1e15, [], {}, [1],
    {"a": 1}, {"": 1.0}, "2013-02-08T15:00:00Z", "2013-02-08T15:00:00", "2013-02-08t15:00:00+05:30",
    "2013-13-01T00:00:00Z", "2013-02-08", "1360335600", "0001-01-01T00:00:00+14:00", "1.0", "é" * 128, "\u0000",
    "9999-12-31T23:59:59.9999999Z",
]  # fmt: skip


def contract_accepts(kind: type[Event], raw: bytes) -> bool:
    try:
        contract_of(kind).model_validate_json(raw)
    except ValidationError:
        return False
    return True


def codec_accepts(kind: type[Event], raw: bytes) -> bool:
    try:
        return isinstance(decode(raw), kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.type_name())
def test_every_event_type_has_an_example_that_both_accept_and_that_survives_the_wire(kind: type[Event]) -> None:
    example = kind.example()
    raw = encode(example)
    assert contract_accepts(kind, raw)
    assert decode(raw) == example
    assert decode_many([raw, raw]) == [example, example]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.type_name())
def test_every_event_type_has_a_schema_that_names_its_type(kind: type[Event]) -> None:
    assert schema_of(kind)["properties"]["type"]["const"] == kind.type_name()


def paths(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for name, member in members for path in paths(member, (*at, name)))]


@st.composite
def altered(draw: st.DrawFn) -> tuple[type[Event], bytes]:
    """An example with one to three places replaced, removed or added."""
    kind = draw(st.sampled_from(TYPES))
    tree = {"event": json.loads(encode(kind.example()))}
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([path for path in paths(tree) if len(path) > 1]))
        place: object = tree
        for step in way:
            place = place[step]  # type: ignore[index]  # a path of this very tree
        if draw(st.booleans()) and isinstance(place, dict):
            place[draw(st.sampled_from([last, "new"]))] = deepcopy(draw(st.sampled_from(AWKWARD) | st.text(max_size=5)))
        elif isinstance(place, dict):
            del place[last]
        elif isinstance(place, list):
            place[last] = deepcopy(draw(st.sampled_from(AWKWARD)))  # type: ignore[call-overload]  # a path of this very tree
    return kind, json.dumps(tree["event"], ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@settings(max_examples=1500)
@given(altered())
def test_both_agree_on_examples_with_members_changed(case: tuple[type[Event], bytes]) -> None:
    kind, raw = case
    assert contract_accepts(kind, raw) == codec_accepts(kind, raw), raw


@settings(max_examples=1500)
@given(st.sampled_from(TYPES), st.data())
def test_both_agree_on_examples_with_bytes_changed(kind: type[Event], data: st.DataObject) -> None:
    raw = bytearray(encode(kind.example()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=4)
            | st.sampled_from([b"NaN", b"1e999", b'"', b"\\ud800", b"\\u0041", b"\xff", b"\x00", b"-0"])
        )
    assert contract_accepts(kind, bytes(raw)) == codec_accepts(kind, bytes(raw)), bytes(raw)
