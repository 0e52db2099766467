"""Dead letters as a person sees them: opened to the byte, shown without a value."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from beforehand.since import BadSince, since
from models.dead_letters import Reason
from models.letter_preview import MAX_LINES, preview
from models.letters import id_of, name_of, opened
from streams.dead_letters import dead_letter
from streams.step import Headers
from tests.records import FakeRecord

NOW = datetime(2013, 2, 8, 15, 0, tzinfo=UTC)


def record(value: bytes | None = b"x", headers: Headers = ()) -> FakeRecord:
    return FakeRecord(7, value, key=b"customer", headers=headers)


def test_what_was_set_aside_is_opened_to_the_byte() -> None:
    before = [("trace", b"\xff"), ("trace", b""), ("dlq.reason", b"another system's")]
    _, partition, key, value, headers = dead_letter(
        record(b"\x00{", before), ("orders.v1", 3), "ingest", Reason.INVALID, "data.price: missing"
    )
    letter = opened((partition, 120), 5, key, value, headers)
    assert letter is not None
    assert (letter.name, letter.key, letter.value, list(letter.headers)) == ("3-120", b"customer", b"\x00{", before)
    assert (letter.topic, letter.partition, letter.offset, letter.at_ms) == ("orders.v1", 3, 7, 5)
    assert (letter.reason, letter.stage, letter.detail) == (Reason.INVALID, "ingest", "data.price: missing")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers[:-1],
        lambda headers: [*headers, ("mine", b"1")],
        lambda headers: [(name, b"a/b" if name == "dlq.topic" else text) for name, text in headers],
        lambda headers: [(name, b"-1" if name == "dlq.partition" else text) for name, text in headers],
        lambda headers: [(name, None) for name, text in headers],
        lambda headers: [],
    ],
)
def test_what_somebody_else_wrote_is_no_letter(spoil: object) -> None:
    *_, headers = dead_letter(record(), ("orders.v1", 3), "ingest", Reason.INVALID, "")
    assert opened((0, 0), 0, b"k", b"v", headers) is not None
    assert opened((0, 0), 0, b"k", b"v", spoil(headers)) is None  # type: ignore[operator]


def test_a_detail_cannot_move_the_terminals_cursor() -> None:
    *_, headers = dead_letter(record(), ("orders.v1", 3), "ingest", Reason.INVALID, "\x1b[2Jgone\nby")
    letter = opened((0, 0), 0, None, None, headers)
    assert letter is not None and letter.detail == "?[2Jgone?by"


@pytest.mark.parametrize("name", ["", "3", "3-", "-1", "3-1 ", "a-1", "3--1", "٣-1", "3-1.json", "1" * 10 + "-1"])
def test_what_is_no_id_is_none(name: str) -> None:
    assert id_of(name) is None


def test_an_id_is_read_as_it_is_written() -> None:
    assert id_of(name_of((15, 10**12))) == (15, 10**12)


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(10**6) | some.text(min_size=8).map(lambda text: f"@{text}"),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(["data", "id"]), inner),
    max_leaves=12,
)


def leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [str(value)] if isinstance(value, str | int) and not isinstance(value, bool) else []


@given(VALUES, some.sampled_from(["whole", "cut", "latin"]))
def test_no_value_is_ever_shown(value: object, damage: str) -> None:
    raw = json.dumps({"data": value}).encode()
    shown = "\n".join(preview({"whole": raw, "cut": raw[:-2], "latin": raw + b"\xff"}[damage]))
    assert [leaf for leaf in leaves(value) if leaf in shown] == []


def test_members_are_shown_by_type_and_length() -> None:
    raw = b'{"type":"order.placed.v1","data":{"items":[1,true,null],"ann@shop.example":"x"},"type":2}'
    assert preview(raw) == [
        "89 bytes",
        "the whole: object, 3 members, a name stands twice",
        "type: text, 15 characters",
        "data: object, 2 members",
        "data.items: array, 3 elements",
        "data.items[0]: number",
        "data.items[1]: true or false",
        "data.items[2]: null",
        "data.<a name of 16 characters>: text, 1 character",
        "type: number",
    ]


@pytest.mark.parametrize(
    ("raw", "last"),
    [
        (None, "no value"),
        (b'{"a": 1}}', "not JSON at line 1, column 9: Extra data"),
        (b'{"a": ann}', "not JSON at line 1, column 7: Expecting value"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        (b"[" * 100_000, "nested too deep, or a number too long, to be looked into"),
        (b"9" * 5_000, "nested too deep, or a number too long, to be looked into"),
        (b" " * (2**21 + 1), "too large to be looked into"),
        (b"[" + b"1," * 500 + b"1]", "and more"),
    ],
)
def test_what_cannot_be_read_says_where(raw: bytes | None, last: str) -> None:
    lines = preview(raw)
    assert lines[-1] == last
    assert len(lines) <= MAX_LINES + 2


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("7d", NOW - timedelta(days=7)),
        ("2013-02-08T15:00Z", NOW),
        ("2013-02-08T16:00+01:00", NOW),
    ],
)
def test_since_is_an_instant_or_how_long_ago(words: str, instant: datetime) -> None:
    assert since(words, NOW) == instant


@pytest.mark.parametrize("words", ["", "yesterday", "2013-02-08T15:00", "-2h", "2 h", "999999d", "2013-13-01T00:00Z"])
def test_what_is_no_time_is_told(words: str) -> None:
    with pytest.raises(BadSince, match="--since"):
        since(words, NOW)
