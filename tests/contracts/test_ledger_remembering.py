"""What the ledger keeps of customers, and how far it has read, on both databases."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection, select

from ledger import positions
from ledger.addressing import address_of
from ledger.counts import records_set_aside
from ledger.database import Ledger
from ledger.positions import PositionMoved
from ledger.remembering import Batch, aside, has_nul
from ledger.standing import standings
from ledger.tables import set_aside
from models.decisions import Standing
from models.events.care_contact_closed import CareContactClosed, CareContactClosedData
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from tests.outreach import NOW, address, consent, decide, issue, remember

PLACE = ("journal.v1", 3)


def profile(customer: str, zone: str = "", locale: str = "") -> ProfileChanged:
    data = ProfileChangedData(zone=zone, locale=locale)
    return msgspec.structs.replace(ProfileChanged.example(), subject=customer, data=data)


def opened(contact: str, minutes: float, customer: str = "c") -> CareContactOpened:
    data, time = CareContactOpenedData(contact_id=contact), NOW + timedelta(minutes=minutes)
    return msgspec.structs.replace(CareContactOpened.example(), subject=customer, time=time, data=data)


def closed(contact: str, minutes: float, customer: str = "c") -> CareContactClosed:
    data, time = CareContactClosedData(contact_id=contact), NOW + timedelta(minutes=minutes)
    return msgspec.structs.replace(CareContactClosed.example(), subject=customer, time=time, data=data)


def standing(ledger: Ledger, customer: str = "c") -> Standing:
    with ledger.read() as connection:
        return standings(connection, [customer], NOW - timedelta(days=7))[customer].standing


def test_a_customer_never_heard_of_has_an_empty_standing(ledger: Ledger) -> None:
    assert standing(ledger) == Standing()


@pytest.mark.parametrize("together", [True, False])
def test_of_several_answers_the_last_in_the_order_of_reading_counts(ledger: Ledger, together: bool) -> None:
    events = [consent("c", True), consent("c", False, "*"), consent("c", False), consent("c", True, "sms")]
    for some in [events] if together else [[one] for one in events]:
        remember(ledger, *some)
    assert standing(ledger).consent == {"*": False, "email": False, "sms": True}
    remember(ledger, consent("c", True, "*"))
    assert standing(ledger).consent == {"*": True}


@pytest.mark.parametrize("together", [True, False])
def test_members_of_a_profile_that_are_empty_stay_as_they_were(ledger: Ledger, together: bool) -> None:
    events = [profile("c", "Europe/Paris", "fr-FR"), profile("c", locale="de-DE")]
    events += [profile("c", "Asia/Tokyo"), profile("c")]
    for some in [events] if together else [[one] for one in events]:
        remember(ledger, *some)
    assert (standing(ledger).zone, standing(ledger).locale) == ("Asia/Tokyo", "de-DE")


@pytest.mark.parametrize("together", [True, False])
def test_an_address_is_replaced_forgotten_and_known_again(ledger: Ledger, together: bool) -> None:
    gone = msgspec.structs.replace(address("c"), data=msgspec.structs.replace(address("c").data, address=""))
    for events in ([address("c"), address("c", "b@example.org")], [gone], [gone, address("c", "d@example.org")]):
        for some in [events] if together else [[one] for one in events]:
            remember(ledger, *some)
        with ledger.read() as connection:
            known = address_of(connection, "c", "email")
        assert known == (None if events == [gone] else (events[-1].data.address, "Ada"))
        assert standing(ledger).reachable == ([] if events == [gone] else ["email"])


def test_a_tombstone_erases_every_address_of_that_customer_alone(ledger: Ledger) -> None:
    remember(ledger, address("c"), address("c", "+33", "sms"), address("d"))
    batch = Batch()
    batch.take(address("c", "late@example.org"))
    batch.erase_addresses("c")
    batch.take(address("c", "+44", "push"))
    with ledger.write() as connection:
        batch.write(connection)
    assert standing(ledger).reachable == ["push"]
    assert standing(ledger, "d").reachable == ["email"]


def test_a_care_contact_counts_while_it_is_open(ledger: Ledger) -> None:
    for event, open_now in (
        (opened("t1", 0), 1),
        (opened("t2", 1), 2),
        (closed("t1", 2), 1),
        (closed("t9", 3), 1),
        (opened("t1", 4), 2),
        (closed("t2", 5), 1),
        (opened("t3", 6, "other"), 1),
        (closed("t1", 7), 0),
    ):
        remember(ledger, event)
        assert standing(ledger).open_contacts == open_now, event


def test_of_the_contacts_that_are_open_the_newest_says_since_when(ledger: Ledger) -> None:
    for event, minutes in (
        (opened("t2", 1), 1),
        (opened("t1", 0), 1),
        (opened("t3", 5), 5),
        (closed("t3", 6), 1),
        (opened("t1", 7), 7),  # opened again: it counts from here
        (opened("t9", 99, "other"), 7),
    ):
        remember(ledger, event)
        assert standing(ledger).last_contact_at == NOW + timedelta(minutes=minutes), event
    remember(ledger, closed("t1", 8), closed("t2", 8))
    assert standing(ledger).last_contact_at is None


def test_a_contact_that_is_never_closed_keeps_us_silent_for_a_week_and_no_longer(ledger: Ledger) -> None:
    remember(ledger, consent("c", True), address("c"), opened("t1", 0))
    week = NOW + timedelta(days=7)
    before, after = week - timedelta(seconds=1), week
    assert decide(ledger, issue(1, customer="c", at=before), now=before) == 0
    assert decide(ledger, issue(2, customer="c", at=after), now=after) == 1


def test_a_record_that_cannot_be_read_leaves_its_place_and_digest_but_not_its_bytes(ledger: Ledger) -> None:
    for _ in range(2):
        batch = Batch()
        batch.set_aside.append(aside("remember", "addresses.v1", 1, 7, b"mailbox@example.org", "not_json"))
        with ledger.write() as connection:
            batch.write(connection)
    with ledger.read() as connection:
        row = connection.execute(select(set_aside)).one()
        assert records_set_aside(connection) == 1
    assert (row.topic, row.partition, row.offset, row.reason) == ("addresses.v1", 1, 7, "not_json")
    assert "mailbox" not in str(row)


@pytest.mark.parametrize(("text", "found"), [("c", False), ("\\u0000", False), ("a\x00b", True)])
def test_texts_with_a_nul_are_found_wherever_they_stand(text: str, found: bool) -> None:
    assert has_nul(consent("c", True, text)) is found
    assert has_nul(consent(text, True)) is found


def test_a_reader_begins_at_the_start_given_once_and_then_where_it_left_off(ledger: Ledger) -> None:
    with ledger.write() as connection:
        assert positions.begin(connection, "remember", {PLACE: 17}) == {PLACE: 17}
        assert positions.next_offset(connection, "decide", *PLACE) == 0
    with ledger.write() as connection:
        positions.advance(connection, "remember", {PLACE: (17, 40)})
    with ledger.write() as connection:
        assert positions.begin(connection, "remember", {PLACE: 0}) == {PLACE: 40}
        assert positions.next_offset(connection, "remember", *PLACE) == 40


def test_a_second_reader_in_the_same_place_is_refused_and_writes_nothing(ledger: Ledger) -> None:
    with ledger.write() as connection:
        positions.begin(connection, "remember", {PLACE: 0, ("journal.v1", 4): 0})

    def read_to(connection: Connection, start: int, end: int) -> None:
        positions.advance(connection, "remember", {("journal.v1", 4): (0, end), PLACE: (start, end)})
        batch = Batch()
        batch.take(consent("c", start == 0))
        batch.write(connection)

    with ledger.write() as connection:
        read_to(connection, 0, 10)
    with pytest.raises(PositionMoved, match="another remember runs, end one"), ledger.write() as connection:
        positions.advance(connection, "remember", {("journal.v1", 4): (10, 20)})
        read_to(connection, 5, 20)
    with ledger.read() as connection:
        assert positions.load(connection, "remember") == {PLACE: 10, ("journal.v1", 4): 10}
    assert standing(ledger).consent == {"email": True}
