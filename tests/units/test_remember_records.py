"""What remember makes of the records it reads."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from ledger import positions
from ledger.addressing import address_of
from ledger.database import Ledger
from ledger.positions import PositionMoved
from ledger.standing import standings
from ledger.tables import set_aside
from models.dead_letters import Reason
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened
from models.events.catalogue import encode, event_types
from streams.roles.remember import take_in
from streams.topics import ADDRESSES, JOURNAL
from tests.outreach import NOW, address, consent, new_ledger
from tests.reading import begin, read


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path)
    begin(made, 2)
    yield made
    made.close()


def consents(ledger: Ledger, customer: str) -> dict[str, bool]:
    with ledger.read() as connection:
        return standings(connection, [customer], NOW)[customer].standing.consent


def put_aside(ledger: Ledger) -> list[tuple[str, int, str]]:
    with ledger.read() as connection:
        rows = connection.execute(select(set_aside).order_by(set_aside.c.topic, set_aside.c.offset))
        return [(row.topic, row.offset, row.reason) for row in rows]


def at(ledger: Ledger, topic: str, partition: int = 0) -> int:
    with ledger.read() as connection:
        return positions.next_offset(connection, "remember", topic, partition)


def test_events_of_no_interest_still_move_the_position(ledger: Ledger) -> None:
    ours = ("profile", "care", "address")
    others = [kind.example() for name, kind in event_types().items() if not name.startswith(ours)]
    assert len(others) > 8
    take_in(ledger, [read(JOURNAL, 0, 0, others), read(JOURNAL, 1, 0, others[:1])])
    assert (at(ledger, JOURNAL), at(ledger, JOURNAL, 1), put_aside(ledger)) == (len(others), 1, [])


def test_every_event_that_the_journal_can_hold_is_recognised_by_its_first_bytes(ledger: Ledger) -> None:
    for kind in (consent("c-1", True), CareContactOpened.example()):
        assert encode(kind).startswith((b'{"type":"profile.', b'{"type":"care.'))
    take_in(ledger, [read(JOURNAL, 0, 0, [CareContactOpened.example(), consent("c-1", True)])])
    with ledger.read() as connection:
        standing = standings(connection, ["c-1"], NOW)["c-1"].standing
    assert (standing.open_contacts, standing.consent) == (1, {"email": True})


@pytest.mark.parametrize(
    "poison",
    [
        b'{"type":"profile.changed.v1"',
        b'{"type":"profile.changed.v1","id":7}',
        b'{"type":"care.opened.v9"}',
        encode(consent("a\x00b", True)),
        b'{"type":"profile.\xff',
    ],
)
def test_a_record_that_cannot_be_read_is_put_aside_and_its_neighbours_count(ledger: Ledger, poison: bytes) -> None:
    take_in(ledger, [read(JOURNAL, 0, 0, [consent("a", True), poison, consent("b", False)])])
    assert (consents(ledger, "a"), consents(ledger, "b")) == ({"email": True}, {"email": False})
    assert put_aside(ledger) == [(JOURNAL, 1, Reason.BAD_JOURNAL_RECORD)]
    assert at(ledger, JOURNAL) == 3


def test_addresses_are_checked_as_anything_from_outside_is(ledger: Ledger) -> None:
    text = encode(address("c"))
    doubled = text.replace(b'"address":', b'"address":"x@example.org","address":')
    wrong: list[bytes | Event] = [
        b"\xff",
        b"[]",
        doubled,
        text.replace(b"address.changed.v1", b"address.changed.v2"),
        consent("c", True),
        address("c\x00"),
    ]
    take_in(ledger, [read(ADDRESSES, 0, 0, [*wrong, address("c", "last@example.org")])])
    assert [reason for _, _, reason in put_aside(ledger)] == [
        Reason.NOT_JSON,
        Reason.INVALID,
        Reason.DUPLICATE_KEY,
        Reason.UNSUPPORTED_VERSION,
        Reason.NOT_ALLOWED,
        Reason.NOT_ALLOWED,
    ]
    with ledger.read() as connection:
        assert address_of(connection, "c", "email") == ("last@example.org", "Ada")
    assert consents(ledger, "c") == {}


def test_an_address_in_the_journal_is_not_taken_from_there(ledger: Ledger) -> None:
    take_in(ledger, [read(JOURNAL, 0, 0, [address("c")])])
    with ledger.read() as connection:
        assert address_of(connection, "c", "email") is None


def test_a_record_without_a_value_erases_the_addresses_of_its_key(ledger: Ledger) -> None:
    take_in(ledger, [read(ADDRESSES, 0, 0, [address("c"), None])])
    with ledger.read() as connection:
        assert address_of(connection, "c", "email") is None
    assert put_aside(ledger) == []


def test_the_same_fetch_twice_is_refused_the_second_time(ledger: Ledger) -> None:
    first = read(JOURNAL, 0, 0, [consent("c", False)])
    take_in(ledger, [first])
    take_in(ledger, [read(JOURNAL, 0, 1, [consent("c", True)])])
    with pytest.raises(PositionMoved):
        take_in(ledger, [first])
    assert consents(ledger, "c") == {"email": True}


def test_members_that_a_newer_producer_adds_are_let_pass(ledger: Ledger) -> None:
    raw = msgspec.json.decode(encode(consent("c", True)))
    raw["data"]["colour"] = "blue"
    take_in(ledger, [read(JOURNAL, 0, 0, [msgspec.json.encode(raw)])])
    assert consents(ledger, "c") == {"email": True}
