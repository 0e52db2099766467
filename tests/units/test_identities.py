"""Whose an order, a parcel or a session is: found at once, found later, or given up in bounds, never lost."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from models.events.catalogue import encode
from models.events.order_step import OrderStep
from models.identities.messages import Awaiting, Linked, Original, decode_message, encode_message
from models.identities.table import Answer, Bounds, Found, Identities, Unresolved

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RAW = msgspec.Raw(encode(OrderStep.example()))


def asking(*asked: str, offset: int = 0) -> Awaiting:
    original = Original("scans", 1, offset, b"\xff\x00", None, [("h", b"\xfe")])
    return Awaiting(RAW, original, list(asked))


def table(**bounds: object) -> Identities:
    return Identities(msgspec.convert({"wait": 3600, "most": 10, "keep": 86_400} | bounds, Bounds, strict=False))


def test_who_is_known_is_found_at_once_and_the_newest_word_counts() -> None:
    identities = table()
    assert list(identities.link(Linked("order:1", "ada"), NOON)) == []
    assert list(identities.ask(asking("order:1"), NOON)) == [Found(asking("order:1"), "ada", True)]
    list(identities.link(Linked("order:1", "bob"), NOON))
    assert list(identities.ask(asking("order:1"), NOON)) == [Found(asking("order:1"), "bob", True)]


def test_a_guests_session_waits_and_is_stitched_in_its_order_when_the_customer_becomes_known() -> None:
    identities = table()
    for offset in range(3):
        assert list(identities.ask(asking("session:s", offset=offset), NOON)) == []
    found = list(identities.link(Linked("session:s", "ada"), NOON + MINUTE))
    assert found == [Found(asking("session:s", offset=offset), "ada", True) for offset in range(3)]
    assert list(identities.expire(NOON + timedelta(hours=2))) == []


def test_who_stays_unknown_is_given_up_after_the_wait_and_not_before() -> None:
    identities = table()
    list(identities.ask(asking("parcel:1"), NOON))
    assert list(identities.expire(NOON + timedelta(minutes=59))) == []
    [gone] = identities.expire(NOON + timedelta(minutes=60))
    assert gone == Unresolved(asking("parcel:1"), "nobody said whose it is within 1:00:00")
    assert list(identities.link(Linked("parcel:1", "ada"), NOON)) == []


def test_when_too_many_wait_the_oldest_gives_way() -> None:
    identities = table(most=2)
    answers = [list(identities.ask(asking("parcel:1", offset=offset), NOON)) for offset in range(4)]
    assert [[one.awaiting.original.offset for one in part] for part in answers] == [[], [], [0], [1]]


def test_identities_that_point_at_each_other_end() -> None:
    identities = table()
    list(identities.link(Linked("a:1", "b:1", known=False), NOON))
    assert list(identities.ask(asking("a:1"), NOON)) == [Found(asking("a:1"), "b:1", False)]
    [ring] = identities.ask(asking("b:1", "a:1"), NOON)
    assert isinstance(ring, Unresolved)
    [long] = identities.ask(asking("d:1", "e:1", "f:1", "a:1"), NOON)
    assert isinstance(long, Unresolved)


def test_a_link_that_nobody_renewed_is_forgotten_and_a_renewed_one_is_kept() -> None:
    identities = table()
    for identity in ("order:1", "order:2"):
        list(identities.link(Linked(identity, "ada"), NOON))
    list(identities.link(Linked("order:2", "ada"), NOON + timedelta(hours=12)))
    list(identities.expire(NOON + timedelta(hours=24)))
    assert list(identities.ask(asking("order:1"), NOON)) == []
    assert len(list(identities.ask(asking("order:2"), NOON))) == 1


def test_messages_survive_the_topic_with_any_bytes_of_the_original() -> None:
    for message in (asking("order:1"), Linked("order:1", "ada", known=False)):
        assert encode_message(decode_message(encode_message(message))) == encode_message(message)
    again = decode_message(encode_message(asking("order:1")))
    assert isinstance(again, Awaiting)
    assert (again.original.value, again.original.headers) == (b"\xff\x00", [("h", b"\xfe")])


IDS = st.sampled_from(["order:1", "order:2", "parcel:1", "session:1"])
CALLS = st.lists(
    st.tuples(st.sampled_from(["ask", "link"]), IDS) | st.tuples(st.just("pass"), st.just("")), max_size=40
)


def played(calls: list[tuple[str, str]], restore_at: int) -> list[Answer]:
    """All answers; at one call the table is written out and read back."""
    identities, states, answers, now = table(most=5), dict[bytes, bytes | None](), list[Answer](), NOON
    for number, (call, identity) in enumerate(calls):
        now += MINUTE
        if number == restore_at:
            states.update(identities.drain())
            identities = table(most=5)
            for key, value in states.items():
                if value is not None:
                    identities.load(key, value)
        if call == "ask":
            answers += identities.ask(asking(identity, offset=number), now)
        elif call == "link":
            answers += identities.link(Linked(identity, f"c-{number}"), now)
        else:
            now += timedelta(minutes=40)
            answers += identities.expire(now)
    return answers


@settings(max_examples=300)
@given(CALLS, st.integers(0, 40))
def test_a_restore_changes_no_answer_and_every_question_is_answered_once_or_waits(
    calls: list[tuple[str, str]], restore_at: int
) -> None:
    answers = played(calls, restore_at)
    assert encoded(answers) == encoded(played(calls, -1))
    often = Counter(one.awaiting.original.offset for one in answers)
    assert all(count == 1 for count in often.values())
    end = played([*calls, *[("pass", "")] * 3], restore_at)
    assert len(end) == sum(call == "ask" for call, _ in calls)


def encoded(answers: list[Answer]) -> list[bytes]:
    return [type(one).__name__.encode() + msgspec.json.encode(one) for one in answers]
