"""What customers told us, gathered from a batch of events and written at once."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from sqlalchemy import Connection, bindparam, delete

from ledger.consent import Consents
from ledger.tables import addresses, care_contacts, profiles, set_aside
from ledger.upsert import Row, insert_new, upsert
from models.events.address_changed import AddressChanged
from models.events.base import Event
from models.events.care_contact_closed import CareContactClosed
from models.events.care_contact_opened import CareContactOpened
from models.events.profile_changed import ProfileChanged

Pair = tuple[str, str]


class SetAside(msgspec.Struct, frozen=True):
    """A record that could not be read. Its bytes stay in Kafka: they may hold contact data."""

    reader: str
    topic: str
    partition: int
    offset: int
    reason: str
    sha256: str


def aside(reader: str, topic: str, partition: int, offset: int, raw: bytes, reason: str) -> SetAside:
    """Remember that a record was set aside, and its digest."""
    return SetAside(reader, topic, partition, offset, reason, sha256(raw).hexdigest())


def has_nul(thing: object) -> bool:
    """Whether any text in a struct holds a NUL: PostgreSQL cannot store one, so neither database is given any."""
    if isinstance(thing, str):
        return "\x00" in thing
    if isinstance(thing, dict):
        return any(has_nul(key) or has_nul(value) for key, value in thing.items())
    if isinstance(thing, list | tuple):
        return any(has_nul(one) for one in thing)
    return isinstance(thing, msgspec.Struct) and has_nul(msgspec.to_builtins(thing))


class Batch:
    """Changes in the order they came: of two that speak of the same thing the later one stands."""

    def __init__(self) -> None:
        self._consents = Consents()
        self._profiles: dict[str, dict[str, str]] = {}
        self._addresses: dict[Pair, Row] = {}
        self._forgotten: dict[Pair, None] = {}
        self._erased: dict[str, None] = {}
        self._contacts: dict[Pair, dict[str, object]] = {}
        self.set_aside: list[SetAside] = []

    def take(self, event: Event) -> None:
        """Note what an event changes. Events that change nothing here are let pass."""
        if isinstance(event, ProfileChanged):
            self._take_profile(event)
        elif isinstance(event, AddressChanged):
            self._take_address(event)
        elif isinstance(event, CareContactOpened):
            self._contact(event.subject, event.data.contact_id)["opened_at"] = event.time
        elif isinstance(event, CareContactClosed):
            self._contact(event.subject, event.data.contact_id)["closed_at"] = event.time

    def erase_addresses(self, customer_id: str) -> None:
        """A tombstone: every address of the customer is forgotten."""
        for pair in [pair for pair in self._addresses if pair[0] == customer_id]:
            del self._addresses[pair]
        self._erased[customer_id] = None

    def write(self, connection: Connection) -> None:
        """Write everything, in the caller's transaction."""
        self._consents.write(connection)
        upsert(connection, profiles, list(self._profiles.values()), keep_empty=True)
        upsert(connection, care_contacts, list(self._contacts.values()))
        if self._erased:
            connection.execute(_ERASE, [{"of_customer": one} for one in self._erased])
        if self._forgotten:
            connection.execute(_FORGET, [{"of_customer": one, "on_channel": two} for one, two in self._forgotten])
        upsert(connection, addresses, list(self._addresses.values()))
        write_set_aside(connection, self.set_aside)

    def _take_profile(self, event: ProfileChanged) -> None:
        told = event.data
        self._consents.take(event.subject, told.consent)
        if told.zone or told.locale:
            profile = self._profiles.setdefault(event.subject, {"customer_id": event.subject, "zone": "", "locale": ""})
            profile["zone"], profile["locale"] = told.zone or profile["zone"], told.locale or profile["locale"]

    def _take_address(self, event: AddressChanged) -> None:
        told, pair = event.data, (event.subject, event.data.channel)
        self._addresses.pop(pair, None)
        if told.address:
            self._addresses[pair] = {
                "customer_id": event.subject,
                "channel": told.channel,
                "address": told.address,
                "name": told.name,
            }
        else:
            self._forgotten[pair] = None

    def _contact(self, customer_id: str, contact_id: str) -> dict[str, object]:
        empty: dict[str, object] = {
            "contact_id": contact_id,
            "customer_id": customer_id,
            "opened_at": None,
            "closed_at": None,
        }
        return self._contacts.setdefault((contact_id, customer_id), empty)


def write_set_aside(connection: Connection, records: Sequence[SetAside]) -> None:
    """Keep the places of records that could not be read."""
    insert_new(connection, set_aside, [msgspec.structs.asdict(one) for one in records])


_ERASE = delete(addresses).where(addresses.c.customer_id == bindparam("of_customer"))
_FORGET = _ERASE.where(addresses.c.channel == bindparam("on_channel"))
